"""A scene graph as text, for training."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class TextPart(NamedTuple):
    """A part of a text.

    Attributes:
        kind: What it is: the category of a lone ``mention``, of a relation the
            ``subject``, ``predicate`` or ``object``, or its ``times``.
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
        pieces: Parts of the answer, each of which can be left out at the end.
        object_ids: For each piece, the ids of the objects that its ``[Obj]`` tokens
            stand for, in order.
        is_open: Whether more would follow, so that no end-of-text token may.
        parts: For each piece, its parts that carry meaning, in order.
    """

    pieces: list[str] = field(default_factory=list)
    object_ids: list[list[int]] = field(default_factory=list)
    is_open: bool = False
    parts: list[list[TextPart]] = field(default_factory=list)

    def add(self, piece: str, *object_ids: int, parts: Iterable[TextPart] = ()) -> None:
        """Append a piece, the objects of its ``[Obj]`` tokens, and its parts."""
        self.pieces.append(piece)
        self.object_ids.append(list(object_ids))
        self.parts.append(list(parts))

    @property
    def text(self) -> str:
        """The whole answer."""
        return ' '.join(self.pieces)

    @property
    def mentioned_ids(self) -> list[int]:
        """Object id of every ``[Obj]`` of the text, in order."""
        return [object_id for ids in self.object_ids for object_id in ids]

    @property
    def text_parts(self) -> list[TextPart]:
        """The parts of all pieces, as they lie in :attr:`text`."""
        found, start = [], 0
        for piece, parts in zip(self.pieces, self.parts, strict=True):
            found += [part.moved(start) for part in parts]
            start += len(piece) + 1
        return found

    def first(self, num_pieces: int) -> 'FormattedTurn':
        """Return the answer cut after some pieces."""
        return FormattedTurn(
            self.pieces[:num_pieces],
            self.object_ids[:num_pieces],
            is_open=True,
            parts=self.parts[:num_pieces],
        )


@dataclass
class FormattedGraph:
    """The answers that make up a scene graph, one a turn of the conversation."""

    turns: list[FormattedTurn]
