"""Reads the answers of the chained text format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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

Triplet = tuple[int, str, int]
"""Subject, predicate and object, the ends as indices of a graph's objects."""


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
        triplets: What the third answer states, each once.
    """

    graph: ParsedGraph
    triplets: list[Triplet]


@dataclass
class _Timed:
    """When a triplet holds.

    Attributes:
        span: The frames.
        statements: Where each statement of it stands in the fourth answer.
    """

    span: Span
    statements: list[list[TextRange]]


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
        graph = ParsedGraph()
        self._read_objects(turns, graph)
        names = object_names(graph.objects)
        indices = {name: index for index, name in enumerate(names)}
        pairs = self._read_pairs(turns, graph, indices)
        triplets = self._read_triplets(turns, graph, indices)
        if len(turns) <= 3:
            timed = {key: _Timed([(0, num_frames - 1)], [[]]) for key in triplets}
        else:
            timed = self._read_spans(turns, graph, indices, num_frames)
            graph.dropped += [
                _joined([names[key[0]], key[1], names[key[2]]])
                for key in triplets
                if key not in timed
            ]
        for key, item in timed.items():
            ends = key[0], key[2]
            earlier = [pairs.get(ends), triplets.get(key)]
            before = [place for place in earlier if place is not None]
            graph.relations.append(
                ParsedRelation(
                    *key,
                    item.span,
                    [[*before, *places] for places in item.statements],
                    reason=graph.pairs.get(ends, ''),
                )
            )
        return ChainedReading(graph, list(triplets))

    def _read_pairs(
        self, turns: Sequence[str], graph: ParsedGraph, indices: dict[str, int]
    ) -> dict[tuple[int, int], TextRange]:
        """Return where each pair stands; the graph gets their reasons."""
        places = {}
        for fields in _segments(turns, 1, 3, graph):
            ends = _ends(fields[:2], indices)
            if ends is None or not fields[2].text:
                graph.dropped.append(_text(fields))
            elif ends not in graph.pairs:
                graph.pairs[ends] = _known(fields[2].text, UNEXPLAINED)
                places[ends] = (1, fields[0].start, fields[1].end)
        return places

    def _read_triplets(
        self, turns: Sequence[str], graph: ParsedGraph, indices: dict[str, int]
    ) -> dict[Triplet, TextRange]:
        """Return where each triplet of the third answer stands."""
        places = {}
        for fields in _segments(turns, 2, 3, graph):
            triplet = _triplet(fields, indices)
            if triplet is None:
                graph.dropped.append(_text(fields))
            else:
                places.setdefault(triplet, (2, fields[0].start, fields[2].end))
        return places

    def _read_spans(
        self,
        turns: Sequence[str],
        graph: ParsedGraph,
        indices: dict[str, int],
        num_frames: int,
    ) -> dict[Triplet, '_Timed']:
        """Return when each triplet of the fourth answer holds."""
        timed = {}
        for fields in _segments(turns, 3, 4, graph):
            triplet = _triplet(fields[:3], indices)
            span = self._read_times(fields[3].text, num_frames)
            if triplet is None or not span:
                graph.dropped.append(_text(fields))
                continue
            item = timed.setdefault(triplet, _Timed([], []))
            item.span = merge_ranges([*item.span, *span])
            item.statements.append([(3, fields[0].start, fields[3].end)])
        return timed

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


def _ends(fields: Sequence[_Field], indices: dict[str, int]) -> tuple[int, int] | None:
    """Return the objects that the first and the last field name, if they are two."""
    subject, target = (indices.get(_spaced(fields[place].text)) for place in (0, -1))
    if subject is None or target is None or subject == target:
        return None
    return subject, target


def _triplet(fields: Sequence[_Field], indices: dict[str, int]) -> Triplet | None:
    """Return what the three fields of a triplet state; None for nonsense."""
    ends = _ends(fields, indices)
    predicate = unescape_label(_spaced(fields[1].text))
    return (ends[0], predicate, ends[1]) if ends is not None and predicate else None


def _known(text: str, unknown: str) -> str:
    """Return a description or reason; nothing for what stands for an unknown one."""
    return '' if text == unknown else unescape_label(text)


def _spaced(text: str) -> str:
    """Return a text with single spaces between its words, lower-cased."""
    return ' '.join(text.split()).lower()


def _text(fields: Sequence[_Field]) -> str:
    return _joined([item.text for item in fields])


def _joined(texts: Sequence[str]) -> str:
    return f' {DELIMITER} '.join(texts)
