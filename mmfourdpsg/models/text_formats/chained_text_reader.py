"""Reads the answers of the chained text format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mmfourdpsg.structures.span import Span, merge_ranges

from ..special_tokens import OBJECT_TOKEN
from .labels import escape_label, unescape_label
from .parsed_graph import ParsedGraph, ParsedObject, ParsedRelation, TextRange
from .scene_graph_text_format import DELIMITER, SEGMENT_END

NOTHING = f'none{SEGMENT_END}'
"""The answer that has nothing to list."""
EXTENTS = ('continuous', 'momentary', 'intermittent')
"""How a relation lasts: one stretch of time, a short one, several."""
UNDESCRIBED = 'something'
"""Stands for a description that is not known."""
UNEXPLAINED = 'related'
"""Stands for a reason that is not known."""


class _Field(NamedTuple):
    """A field of a segment, without the white space around it.

    Attributes:
        text: What it says.
        start: Place of its first character in the answer.
        end: One past its last character.
    """

    text: str
    start: int
    end: int


@dataclass
class ChainedReading:
    """What could be read from the answers so far.

    Attributes:
        graph: The graph.
        triplets: Subject, predicate and object of the third answer, as indices of the
            graph's objects, each once.
    """

    graph: ParsedGraph = field(default_factory=ParsedGraph)
    triplets: list[tuple[int, str, int]] = field(default_factory=list)


def object_names(objects: Sequence[ParsedObject]) -> list[str]:
    """Return the names by which later answers speak of objects."""
    return [f'{escape_label(item.category)} {item.number}' for item in objects]


class ChainedTextReader:
    """Reads the answers of :class:`ChainedTextFormat`.

    Args:
        parse_times: Reads times, see :meth:`SceneGraphTextFormat.parse_times`.
    """

    def __init__(
        self, parse_times: Callable[[str, int], tuple[int, int] | None]
    ) -> None:
        self.parse_times = parse_times

    def read(self, turns: Sequence[str], num_frames: int) -> ChainedReading:
        """Read answers, see :meth:`ChainedTextFormat.parse`.

        Args:
            turns: The answers, four or fewer.
            num_frames: Frames of the video.
        """
        reading = ChainedReading()
        graph = reading.graph
        self._read_objects(turns, graph)
        indices = {name: i for i, name in enumerate(object_names(graph.objects))}

        def pair(fields: Sequence[_Field]) -> tuple[int, int] | None:
            ends = [indices.get(_spaced(fields[place].text)) for place in (0, -1)]
            if None in ends or ends[0] == ends[1]:
                return None
            return ends[0], ends[1]

        reasons = graph.pairs
        pair_places: dict[tuple[int, int], TextRange] = {}
        for fields in _segments(turns, 1, 3, graph):
            key = pair(fields[:2])
            if key is None or not fields[2].text:
                graph.dropped.append(_text(fields))
            elif key not in reasons:
                reasons[key] = _known(fields[2].text, UNEXPLAINED)
                pair_places[key] = (1, fields[0].start, fields[1].end)

        stated: dict[tuple[int, str, int], TextRange] = {}
        for fields in _segments(turns, 2, 3, graph):
            ends = pair(fields)
            predicate = unescape_label(_spaced(fields[1].text))
            if ends is None or not predicate:
                graph.dropped.append(_text(fields))
            else:
                key = ends[0], predicate, ends[1]
                stated.setdefault(key, (2, fields[0].start, fields[2].end))
        reading.triplets = list(stated)

        def add(key: tuple[int, str, int], span: Span, times: list[TextRange]) -> None:
            ends = key[0], key[2]
            places = [pair_places.get(ends), stated.get(key), *times]
            statement = [place for place in places if place is not None]
            if key in rows:
                row = rows[key]
                row.span = merge_ranges([*row.span, *span])
                row.statements.append(statement)
                return
            rows[key] = ParsedRelation(
                *key, span, [statement], reason=reasons.get(ends, '')
            )

        rows: dict[tuple[int, str, int], ParsedRelation] = {}
        if len(turns) <= 3:
            for key in stated:
                add(key, [(0, num_frames - 1)], [])
        for fields in _segments(turns, 3, 4, graph):
            ends = pair(fields[:3])
            predicate = unescape_label(_spaced(fields[1].text))
            span = self._read_times(fields[3].text, num_frames)
            if ends is None or not predicate or not span:
                graph.dropped.append(_text(fields))
            else:
                key = ends[0], predicate, ends[1]
                add(key, span, [(3, fields[0].start, fields[3].end)])
        if len(turns) > 3:
            names = object_names(graph.objects)
            graph.dropped += [
                f'{names[key[0]]} {DELIMITER} {key[1]} {DELIMITER} {names[key[2]]}'
                for key in stated
                if key not in rows
            ]
        graph.relations = list(rows.values())
        return reading

    def _read_objects(self, turns: Sequence[str], graph: ParsedGraph) -> None:
        counts: dict[str, int] = {}
        for description, name in _segments(turns, 0, 2, graph):
            label, mark, rest = name.text.partition(OBJECT_TOKEN)
            category = unescape_label(_spaced(label))
            if not mark or rest or not category:
                graph.dropped.append(_text([description, name]))
                continue
            counts[category] = counts.get(category, 0) + 1
            place = name.end - len(OBJECT_TOKEN)
            graph.objects.append(
                ParsedObject(
                    category,
                    counts[category],
                    mentions=[(0, name.start, name.end)],
                    prompts=[(0, place, name.end)],
                    description=_known(description.text, UNDESCRIBED),
                )
            )

    def _read_times(self, text: str, num_frames: int) -> Span:
        """Return the frames of an extent and its times; nothing if it is neither."""
        extent, _, rest = text.partition(' ')
        ranges = [self.parse_times(part, num_frames) for part in rest.split(',')]
        if extent not in EXTENTS or None in ranges:
            return []
        return merge_ranges(ranges)


def _segments(
    turns: Sequence[str], turn: int, num_fields: int, graph: ParsedGraph
) -> Iterator[list[_Field]]:
    """Yield the fields of the segments of an answer; others are dropped."""
    if turn >= len(turns):
        return
    start = 0
    for segment in turns[turn].split(SEGMENT_END):
        fields, place = [], start
        for text in segment.split(DELIMITER):
            inner = text.strip()
            first = place + len(text) - len(text.lstrip())
            fields.append(_Field(inner, first, first + len(inner)))
            place += len(text) + 1
        # What follows the last segment was cut off.
        is_whole = start + len(segment) < len(turns[turn])
        start += len(segment) + 1
        if is_whole and len(fields) == num_fields:
            yield fields
        elif segment.strip() and not (is_whole and _text(fields) == NOTHING[:-1]):
            graph.dropped.append(segment.strip())


def _known(text: str, unknown: str) -> str:
    """Return a description or reason; nothing for what stands for an unknown one."""
    return '' if text == unknown else unescape_label(text)


def _spaced(text: str) -> str:
    """Return a text with single spaces between its words, lower-cased."""
    return ' '.join(text.split()).lower()


def _text(fields: Sequence[_Field]) -> str:
    return f' {DELIMITER} '.join(item.text for item in fields)
