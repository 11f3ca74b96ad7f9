"""Reads the rows of the direct text format."""

import re
from collections.abc import Callable

from mmfourdpsg.structures.span import merge_ranges

from ..language_models.causal_language_model import OBJECT_TOKEN
from .labels import unescape_label
from .parsed_graph import ParsedGraph, ParsedObject, ParsedRelation
from .predicate_splitter import PredicateSplitter

SEPARATOR = '|'
"""Stands between predicate and category where a reader would split elsewhere."""

_TOKEN = re.compile(re.escape(OBJECT_TOKEN))
_MENTION = re.compile(r'(\S.*\S|\S)\s+([0-9]{1,9})', re.DOTALL)


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

    def read(self, piece: str, place: tuple[int, int], end_mark: str) -> bool:
        """Read one piece.

        Args:
            piece: The piece, without its end mark.
            place: Where in the text it begins and ends.
            end_mark: ``;``, or nothing if the text breaks off.

        Returns:
            False if it makes no sense; then nothing has changed.
        """
        parts = piece.split(OBJECT_TOKEN)
        subject = self._mention(parts[0])
        if subject is None or len(parts) not in (2, 3):
            return False
        tokens = [place[0] + match.start() for match in _TOKEN.finditer(piece)]
        start = place[0] + len(piece) - len(piece.lstrip())
        if len(parts) == 2:
            if parts[1].strip():
                return False
            self._add_object(subject, start, tokens[0])
            return True

        middle = self._predicate_and_mention(parts[1], subject)
        times = self.parse_times(parts[2], self.num_frames)
        if middle is None or times is None or middle[1] == subject:
            return False
        # A text that was cut off may end with half of a time.
        digits = parts[2].strip().rpartition('.')[2]
        if not end_mark and len(digits) < self.decimals:
            return False
        predicate, obj, offset = middle
        object_start = tokens[0] + len(OBJECT_TOKEN) + offset
        key = (
            self._add_object(subject, start, tokens[0]),
            predicate,
            self._add_object(obj, object_start, tokens[1]),
        )
        where = (0, start, place[1] + len(end_mark))
        if key in self._rows:
            row = self._rows[key]
            row.span = merge_ranges([*row.span, times])
            row.ranges.append(where)
        else:
            row = ParsedRelation(*key, merge_ranges([times]), [where])
            self._rows[key] = row
            self.graph.relations.append(row)
        return True

    def _mention(self, text: str) -> tuple[str, int] | None:
        match = _MENTION.fullmatch(text.strip())
        category = unescape_label(' '.join(match[1].split())) if match else ''
        if not category or SEPARATOR in text:
            return None
        return category, int(match[2])

    def _predicate_and_mention(
        self, text: str, subject: tuple[str, int]
    ) -> tuple[str, tuple[str, int], int] | None:
        """Return predicate, object and where in the text the object begins."""
        words = [(match[0], match.start()) for match in re.finditer(r'\S+', text)]
        written = [word for word, _ in words]
        if SEPARATOR in written:
            cut = written.index(SEPARATOR)
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

    def _add_object(self, key: tuple[str, int], start: int, token: int) -> int:
        if key not in self._indices:
            self._indices[key] = len(self.graph.objects)
            self.graph.objects.append(ParsedObject(*key))
        index = self._indices[key]
        end = token + len(OBJECT_TOKEN)
        self.graph.objects[index].mentions.append((0, start, end))
        self.graph.objects[index].prompts.append((0, token, end))
        return index
