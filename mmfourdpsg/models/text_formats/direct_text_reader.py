"""Reads the rows of the direct text format."""

import re
from collections.abc import Callable
from typing import NamedTuple

from mmfourdpsg.structures.span import merge_ranges

from ..special_tokens import OBJECT_TOKEN
from .labels import unescape_label
from .parsed_graph import ParsedGraph, ParsedObject, ParsedRelation
from .predicate_splitter import PredicateSplitter
from .scene_graph_text_format import DELIMITER

_MENTION = re.compile(r'(\S.*\S|\S)\s+([0-9]{1,9})', re.DOTALL)
_MARK = rf'(\s*{re.escape(OBJECT_TOKEN)})?'
_ROW = re.compile(
    # Where a marker is missing, the first number ends the subject, and the last one
    # before the times the object.
    rf'(.*?\S\s+[0-9]{{1,9}}){_MARK}(\s+\S.*?\s[0-9]{{1,9}}){_MARK}(\s+\S+\s+\S+\s*)',
    re.DOTALL,
)


class _Part(NamedTuple):
    """A stretch of a text, and what marks its end.

    Attributes:
        text: The stretch, without the marker.
        start: Place of its first character.
        end: One past its last character, with the marker.
        mark: Place of the marker ``[Obj]``; None where there is none.
    """

    text: str
    start: int
    end: int
    mark: int | None


class DirectTextReader:
    """The graph while a text in the direct format is read.

    Args:
        splitter: Finds the end of a predicate.
        parse_times: Reads times, see :meth:`SceneGraphTextFormat.parse_times`.
        decimals: Digits that a whole time has behind the point.
        num_frames: Frames of the video.

    Attributes:
        graph: What has been read so far.
    """

    def __init__(
        self,
        splitter: PredicateSplitter,
        parse_times: Callable[[str, int], tuple[int, int] | None],
        decimals: int,
        num_frames: int,
    ) -> None:
        self.splitter = splitter
        self.parse_times = parse_times
        self.decimals = decimals
        self.num_frames = num_frames
        self.graph = ParsedGraph()
        self._indices: dict[tuple[str, int], int] = {}
        self._rows: dict[tuple[int, str, int], ParsedRelation] = {}

    def read(self, segment: str, place: tuple[int, int], end_mark: str) -> bool:
        """Read one segment.

        Args:
            segment: The segment, without its end mark.
            place: Where in the text it begins and ends.
            end_mark: ``;``, or nothing if the text breaks off.

        Returns:
            False if it makes no sense; then nothing has changed.
        """
        parts = _split(segment, place[0])
        if not parts or (subject := self._mention(parts[0].text)) is None:
            return False
        if len(parts) == 1:
            self._add_object(subject, parts[0])
            return True

        middle = self._predicate_and_mention(parts[1].text, subject)
        times = self.parse_times(parts[2].text, self.num_frames)
        if middle is None or times is None or middle[1] == subject:
            return False
        # A text that was cut off may end with half of a time.
        digits = parts[2].text.strip().rpartition('.')[2]
        if not end_mark and len(digits) < self.decimals:
            return False
        predicate, obj, skipped = middle
        # What is mentioned without a marker has to have been marked before.
        for mention, part in zip((subject, obj), parts, strict=False):
            if part.mark is None and mention not in self._indices:
                return False
        key = (
            self._add_object(subject, parts[0]),
            predicate,
            self._add_object(obj, parts[1], skipped),
        )
        start = parts[0].start + len(segment) - len(segment.lstrip())
        where = (0, start, place[1] + len(end_mark))
        if key in self._rows:
            row = self._rows[key]
            row.span = merge_ranges([*row.span, times])
            row.statements.append([where])
        else:
            row = ParsedRelation(*key, merge_ranges([times]), [[where]])
            self._rows[key] = row
            self.graph.relations.append(row)
        return True

    def _mention(self, text: str) -> tuple[str, int] | None:
        match = _MENTION.fullmatch(text.strip())
        category = unescape_label(' '.join(match[1].split())) if match else ''
        if not category or DELIMITER in text:
            return None
        return category, int(match[2])

    def _predicate_and_mention(
        self, text: str, subject: tuple[str, int]
    ) -> tuple[str, tuple[str, int], int] | None:
        """Return predicate, object and where in the text the object begins."""
        words = [(match[0], match.start()) for match in re.finditer(r'\S+', text)]
        written = [word for word, _ in words]
        if DELIMITER in written:
            cut = written.index(DELIMITER)
            rest = cut + 1
        else:
            mention = self._mention(text)
            if mention is None:
                return None
            cut = rest = self.splitter.split(
                written[:-1], mention[1], subject, self._indices
            )
        predicate = unescape_label(' '.join(written[:cut]))
        obj = self._mention(' '.join(written[rest:]))
        if not predicate or obj is None:
            return None
        return predicate, obj, words[rest][1]

    def _add_object(self, key: tuple[str, int], part: _Part, skipped: int = 0) -> int:
        """Note a mention, which begins some characters after its part."""
        if key not in self._indices:
            self._indices[key] = len(self.graph.objects)
            self.graph.objects.append(ParsedObject(*key))
        index = self._indices[key]
        skipped = skipped or len(part.text) - len(part.text.lstrip())
        mention = (0, part.start + skipped, part.end)
        self.graph.objects[index].mentions.append(mention)
        if part.mark is not None:
            mark = (0, part.mark, part.mark + len(OBJECT_TOKEN))
            self.graph.objects[index].prompts.append(mark)
        return index


def _split(segment: str, offset: int) -> list[_Part]:
    """Split a segment into subject, predicate with object, and times.

    Args:
        segment: The segment.
        offset: Its place in the text.

    Returns:
        These three, or a lone mention, or nothing if it is neither.
    """
    texts = segment.split(OBJECT_TOKEN)
    if len(texts) == 3 or (len(texts) == 2 and not texts[1].strip()):
        parts, start = [], offset
        for text in texts[:-1]:
            mark = start + len(text)
            parts.append(_Part(text, start, mark + len(OBJECT_TOKEN), mark))
            start = parts[-1].end
        if len(texts) == 3:
            parts.append(_Part(texts[2], start, start + len(texts[2]), None))
        return parts
    match = _ROW.fullmatch(segment)
    if match is None or len(texts) > 2:
        return []
    parts = []
    for group in (1, 3):
        text, end, mark = match[group], match.end(group), None
        if match[group + 1]:
            end = match.end(group + 1)
            mark = offset + end - len(OBJECT_TOKEN)
        parts.append(_Part(text, offset + match.start(group), offset + end, mark))
    return [
        *parts,
        _Part(match[5], offset + match.start(5), offset + match.end(5), None),
    ]
