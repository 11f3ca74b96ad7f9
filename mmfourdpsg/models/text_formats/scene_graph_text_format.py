"""What a text format of scene graphs has to offer."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from .formatted_graph import FormattedGraph
from .parsed_graph import ParsedGraph

SEGMENT_END = ';'
"""Ends each segment of an answer: a row or the mention of an object."""

DELIMITER = '|'
"""Stands between fields of a segment that nothing else tells apart."""

_TIME = re.compile(r'\d*\.?\d+')


class SceneGraphTextFormat(ABC):
    """Writes scene graphs as answers of a conversation, and reads them back.

    A conversation has one or more turns; each is a user prompt and an answer. One
    class owns both directions, so that the round trip graph -> text -> graph is exact
    up to the grid of times.

    Args:
        decimals: Digits of a time behind the point. A video of ``T`` frames comes back
            frame for frame where ``10 ** decimals >= T``.

    Raises:
        InputError: ``decimals`` is not positive.
    """

    def __init__(self, decimals: int = 2) -> None:
        if decimals < 1:
            raise InputError(
                f'text format: decimals is {decimals}, expected at least 1'
            )
        self.decimals = decimals

    @property
    @abstractmethod
    def num_turns(self) -> int:
        """Turns of a conversation."""

    @property
    def turn_names(self) -> tuple[str, ...]:
        """What each turn finds out, such as ``objects``."""
        return tuple(f'answer {turn}' for turn in range(1, self.num_turns + 1))

    @abstractmethod
    def prompt(self, turn: int, answers: Sequence[str]) -> str:
        """Return the user's prompt of a turn.

        Args:
            turn: Which one, from 0.
            answers: The answers of the turns before.
        """

    @property
    def lists_objects(self) -> bool:
        """Whether the first answer begins with a list of all objects."""
        return False

    def listed_objects(self, answer: str) -> tuple[list[str], bool]:
        """Return the objects that the first answer begins with.

        Args:
            answer: The answer, as far as it is written.

        Returns:
            Their categories, in order, and whether the answer has gone on to something
            else.
        """
        raise NotImplementedError(f'{type(self).__name__} lists no objects')

    def grammar(
        self, turn: int, answers: Sequence[str], listed: Sequence[str] | None = None
    ) -> str | None:
        """Return the grammar of a turn's answer; None lets it be anything.

        It is in the extended Backus-Naur form of xgrammar and begins with the rule
        ``root``. The rule ``object_token`` stands for the one token ``[Obj]``; who
        compiles the grammar for a tokenizer adds it.

        Args:
            turn: Which one, from 0.
            answers: The answers of the turns before, what it may speak of.
            listed: Categories of the objects that the first answer is to list, these
                and no others, at least one; given only where :attr:`lists_objects`.
        """
        return None

    def relation_start(self, answers: Sequence[str]) -> tuple[int, str] | None:
        """Return where in a conversation relations begin.

        Args:
            answers: The answers of all turns.

        Returns:
            Which turn, and what of its answer comes before them; None where there are
            no two objects to relate, or where relations cannot be told one by one.
        """
        return None

    def relation_grammar(
        self, turn: int, answers: Sequence[str], before: str
    ) -> tuple[str, str]:
        """Return how an answer may go on that tells one relation, and no more.

        Args:
            turn: Which one, from that of :meth:`relation_start` on.
            answers: The answers of the turns before; from that turn on they tell one
                relation.
            before: What of the answer comes before its relation.

        Returns:
            What it begins with, whole words, and the grammar of what comes behind.
        """
        raise NotImplementedError(f'{type(self).__name__} tells no single relation')

    def is_decisive(self, turn: int, answer: str) -> bool:
        """Return whether what comes next says what is related, how or when.

        Args:
            turn: Which turn of one that tells a single relation.
            answer: As far as it is written.
        """
        return True

    def close(self, turn: int, answer: str) -> str:
        """Return what is kept of an answer that was cut off, and still can be read.

        Args:
            turn: Which one, from 0.
            answer: As far as it was written.

        Returns:
            The answer up to its last whole segment.
        """
        return answer[: answer.rfind(SEGMENT_END) + 1]

    @abstractmethod
    def format(self, scene_graph: SceneGraph) -> FormattedGraph:
        """Write a scene graph; ``[Obj]`` stands where an object shall be segmented."""

    @abstractmethod
    def parse(self, turns: Sequence[str], num_frames: int) -> ParsedGraph:
        """Read answers; what cannot be read is dropped and reported, never raised.

        Args:
            turns: The answers, one a turn; fewer if a conversation broke off.
            num_frames: Frames of the original video.
        """

    def format_times(self, start: int, end: int, num_frames: int) -> str:
        """Return the times of frames ``start`` to ``end``, both inclusive.

        Frames s..e of T last from s/T to (e+1)/T of the video.
        """
        first, last = start / num_frames, (end + 1) / num_frames
        return f'{first:.{self.decimals}f} {last:.{self.decimals}f}'

    def parse_times(self, text: str, num_frames: int) -> tuple[int, int] | None:
        """Return the frames of two times, or None if the text is anything else.

        A range shorter than the grid is one frame long.
        """
        words = text.split()
        if len(words) != 2 or not all(_TIME.fullmatch(word) for word in words):
            return None
        first, last = (float(word) for word in words)
        if not first <= last <= 1:
            return None
        start = min(int(first * num_frames + 0.5), num_frames - 1)
        end = min(int(last * num_frames + 0.5), num_frames) - 1
        return start, max(start, end)
