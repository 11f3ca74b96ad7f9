"""A scene graph as text, for training."""

from dataclasses import dataclass, field


@dataclass
class FormattedTurn:
    """One answer of a conversation.

    Attributes:
        pieces: Parts of the answer, each of which can be left out at the end.
        object_ids: For each piece, the ids of the objects that its ``[Obj]`` tokens
            stand for, in order.
        is_open: Whether more would follow, so that no end-of-text token may.
        times: For each piece, where in it the times of a relation are, as the first
            character and the one after the last, or None.
    """

    pieces: list[str] = field(default_factory=list)
    object_ids: list[list[int]] = field(default_factory=list)
    is_open: bool = False
    times: list[tuple[int, int] | None] = field(default_factory=list)

    def add(
        self, piece: str, *object_ids: int, times: tuple[int, int] | None = None
    ) -> None:
        """Append a piece, the objects of its ``[Obj]`` tokens, and its times."""
        self.pieces.append(piece)
        self.object_ids.append(list(object_ids))
        self.times.append(times)

    @property
    def text(self) -> str:
        """The whole answer."""
        return ' '.join(self.pieces)

    @property
    def mentioned_ids(self) -> list[int]:
        """Object id of every ``[Obj]`` of the text, in order."""
        return [object_id for ids in self.object_ids for object_id in ids]

    @property
    def time_ranges(self) -> list[tuple[int, int]]:
        """Where in :attr:`text` the times are, as in :attr:`times`."""
        ranges, start = [], 0
        for piece, times in zip(self.pieces, self.times, strict=True):
            if times:
                ranges.append((start + times[0], start + times[1]))
            start += len(piece) + 1
        return ranges

    def first(self, num_pieces: int) -> 'FormattedTurn':
        """Return the answer cut after some pieces."""
        return FormattedTurn(
            self.pieces[:num_pieces],
            self.object_ids[:num_pieces],
            is_open=True,
            times=self.times[:num_pieces],
        )


@dataclass
class FormattedGraph:
    """The answers that make up a scene graph, one a turn of the conversation."""

    turns: list[FormattedTurn]
