"""A scene graph as text, for training."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

PART_KINDS = (
    'mention',
    'subject',
    'predicate',
    'object',
    'times',
    'description',
    'reason',
)
"""Kinds of the parts of a text."""

REST = 'rest'
"""What is in no part: numbers, ``[Obj]``, punctuation and the end."""


class TextPart(NamedTuple):
    """A part of a text.

    Attributes:
        kind: What it is: the category of a lone ``mention``, of a relation the
            ``subject``, ``predicate`` or ``object``, or its ``times``; in chained text
            an object's ``description`` and a pair's ``reason``, too.
        start: Its first character.
        end: The character after its last.
    """

    kind: str
    start: int
    end: int

    def moved(self, places: int) -> 'TextPart':
        """Return the part in a text that has more characters before it."""
        return TextPart(self.kind, self.start + places, self.end + places)


@dataclass
class FormattedTurn:
    """One answer of a conversation.

    Attributes:
        segments: Parts of the answer, each of which can be left out at the end.
        object_ids: For each segment, the ids of the objects that its ``[Obj]`` tokens
            stand for, in order.
        is_open: Whether more would follow, so that no end-of-text token may.
        parts: For each segment, its parts that carry meaning, in order.
    """

    segments: list[str] = field(default_factory=list)
    object_ids: list[list[int]] = field(default_factory=list)
    is_open: bool = False
    parts: list[list[TextPart]] = field(default_factory=list)

    def add(
        self, segment: str, *object_ids: int, parts: Iterable[TextPart] = ()
    ) -> None:
        """Append a segment, the objects of its ``[Obj]`` tokens, and its parts."""
        self.segments.append(segment)
        self.object_ids.append(list(object_ids))
        self.parts.append(list(parts))

    @property
    def text(self) -> str:
        """The whole answer."""
        return ' '.join(self.segments)

    @property
    def mentioned_ids(self) -> list[int]:
        """Object id of every ``[Obj]`` of the text, in order."""
        return [object_id for ids in self.object_ids for object_id in ids]

    @property
    def text_parts(self) -> list[TextPart]:
        """The parts of all segments, as they lie in :attr:`text`."""
        found, start = [], 0
        for segment, parts in zip(self.segments, self.parts, strict=True):
            found += [part.moved(start) for part in parts]
            start += len(segment) + 1
        return found

    def first(self, num_segments: int) -> 'FormattedTurn':
        """Return the answer cut after some segments."""
        return FormattedTurn(
            self.segments[:num_segments],
            self.object_ids[:num_segments],
            is_open=True,
            parts=self.parts[:num_segments],
        )


@dataclass
class FormattedGraph:
    """The answers that make up a scene graph, one a turn of the conversation."""

    turns: list[FormattedTurn]
