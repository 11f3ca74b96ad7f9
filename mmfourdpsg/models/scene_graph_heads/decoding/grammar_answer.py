"""An answer that follows a grammar."""

from typing import Any

import numpy as np

from .answer_constraint import AnswerConstraint, has_bit, only_token
from .grammar_vocabulary import GrammarVocabulary


class GrammarAnswer(AnswerConstraint):
    """An answer that follows a grammar.

    Args:
        matcher: A matcher of xgrammar.
        vocabulary: The vocabulary that the matcher was made for.
        is_new: Whether the answer begins with what the matcher allows.
    """

    def __init__(
        self, matcher: Any, vocabulary: GrammarVocabulary, is_new: bool = True
    ) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._words = np.zeros((1, len(vocabulary.spaces)), np.int32)
        self._is_filled = False
        self._is_new = is_new

    @property
    def is_complete(self) -> bool:
        """Whether the end-of-text token has come."""
        return self._matcher.is_terminated()

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next: a bit each, in words of 32."""
        if not self._is_filled:
            self._matcher.fill_next_token_bitmask(self._words)
            self._is_filled = True
        return self._words[0]

    def accept(self, token: int) -> None:
        """Go on with an allowed token.

        Raises:
            ValueError: It is not allowed.
        """
        if not self._accepts(token):
            raise ValueError(f'token {token}: the grammar does not allow it here')
        self._is_new = False

    def forced(self) -> list[int]:
        """Return the tokens that have to come next, and go on with them.

        Where a text has to come, it comes in the tokens that the tokenizer gives it,
        of the many that it could be spelled with; its last word is left open where it
        might go on, and have other tokens. Beyond that, tokens come that are the only
        ones allowed.
        """
        found: list[int] = []
        while not self.is_complete:
            run = self._forced_text()
            if not run:
                token = only_token(self.allowed())
                if token is None:
                    break
                self.accept(token)
                run = [token]
            found += run
        return found

    def fork(self) -> 'GrammarAnswer':
        """Return another one of the same answer, which may go on otherwise."""
        return GrammarAnswer(self._matcher.fork(), self._vocabulary, self._is_new)

    def _accepts(self, token: int) -> bool:
        self._is_filled = False
        return self._matcher.accept_token(token)

    def _forced_text(self) -> list[int]:
        matcher = self._matcher
        if self._is_new and self._vocabulary.is_spaced:
            matcher = matcher.fork()
            matcher.accept_string(' ')
        text = matcher.find_jump_forward_string()
        if not text:
            return []
        tokens = list(self._vocabulary.encode(text, self._is_new))
        accepted = 0
        for token in tokens:
            if not self._accepts(token):
                break
            accepted += 1
        kept = self._num_settled(text, tokens) if accepted == len(tokens) else 0
        if accepted > kept:
            self._matcher.rollback(accepted - kept)
            self._is_filled = False
        self._is_new &= not kept
        return tokens[:kept]

    def _num_settled(self, text: str, tokens: list[int]) -> int:
        """Return how many tokens of a text stay the same, whatever comes after it."""
        vocabulary = self._vocabulary
        ends = vocabulary.without_text
        if not text[-1].isspace():
            ends = ends | vocabulary.spaces
        if not (self.allowed() & ~ends).any():
            return len(tokens)
        begins = [
            i for i, token in enumerate(tokens) if has_bit(vocabulary.spaces, token)
        ]
        return begins[-1] if begins else 0
