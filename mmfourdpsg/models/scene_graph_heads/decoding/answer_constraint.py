"""What tokens an answer may go on with."""

import copy
from abc import ABC, abstractmethod

import numpy as np


class AnswerConstraint(ABC):
    """Follows an answer and tells what may come next."""

    @property
    @abstractmethod
    def is_complete(self) -> bool:
        """Whether the answer has ended."""

    @abstractmethod
    def allowed(self) -> np.ndarray:
        """Return which tokens may come next: a bit each, in words of 32."""

    @abstractmethod
    def accept(self, token: int) -> None:
        """Go on with an allowed token."""

    @abstractmethod
    def forced(self) -> list[int]:
        """Return the tokens that have to come next, and go on with them."""

    @abstractmethod
    def fork(self) -> 'AnswerConstraint':
        """Return another one of the same answer, which may go on otherwise."""


class FreeAnswer(AnswerConstraint):
    """An answer that may be anything.

    Args:
        allowed: The tokens that may ever come, a bit each.
        end_token_id: Ends the answer.
    """

    def __init__(self, allowed: np.ndarray, end_token_id: int) -> None:
        self._allowed = allowed
        self._end_token_id = end_token_id
        self._is_complete = False

    @property
    def is_complete(self) -> bool:
        """Whether the end-of-text token has come."""
        return self._is_complete

    def allowed(self) -> np.ndarray:
        """Return the tokens that may ever come."""
        return self._allowed

    def accept(self, token: int) -> None:
        """Go on with a token."""
        self._is_complete = token == self._end_token_id

    def forced(self) -> list[int]:
        """Return nothing."""
        return []

    def fork(self) -> 'FreeAnswer':
        """Return another one of the same answer."""
        return copy.copy(self)


def token_bits(allowed: list[int], size: int) -> np.ndarray:
    """Return tokens as a bit each, in words of 32.

    Args:
        allowed: The tokens.
        size: Number of tokens of the vocabulary.
    """
    bits = np.zeros(-(-size // 32) * 32, np.uint8)
    bits[allowed] = 1
    return np.packbits(bits, bitorder='little').view('<i4')


def has_bit(words: np.ndarray, token: int) -> bool:
    """Return whether a mask of a bit a token has the bit of a token."""
    return bool(int(words[token // 32]) >> token % 32 & 1)


def only_token(words: np.ndarray) -> int | None:
    """Return the token of a mask that allows one alone, or None.

    Args:
        words: A bit a token, in words of 32.
    """
    places = np.flatnonzero(words)
    if len(places) != 1:
        return None
    word = int(words[places[0]]) & 0xFFFFFFFF
    if word & (word - 1):
        return None
    return int(places[0]) * 32 + word.bit_length() - 1
