"""Answers that follow a grammar."""

import importlib.util
import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from mmfourdpsg.utils import InputError

from ...language_models.causal_language_model import CausalLanguageModel
from ...special_tokens import OBJECT_TOKEN
from .answer_constraint import (
    AnswerConstraint,
    FreeAnswer,
    has_bit,
    only_token,
    token_bits,
)

_SPACED_START = 'spaced_start'
_BYTE_TOKEN = re.compile(r'<0x[0-9A-F]{2}>')
# Bytes of no text, so that no character class matches the token that has them.
_NO_TEXT = b'\xff'
_KEPT = 256


class GrammarConstraint:
    """Starts constraints for the answers of a language model.

    ``[Obj]`` comes where a grammar has the rule ``object_token``, and nowhere else;
    other special tokens never come, nor do single bytes for characters that have
    tokens of their own. Where the tokenizer begins texts with a space, answers may,
    too.

    Grammars are compiled once. Copies of it compile anew.

    Args:
        language_model: Tells the tokenizer, and the special tokens.
    """

    def __init__(self, language_model: CausalLanguageModel) -> None:
        self.language_model = language_model
        self._compile: Callable[[str], Any] | None = None
        self._spaces = token_bits([], language_model.vocabulary_size)
        self._continue = lru_cache(4096)(self._encode_continuation)
        size = language_model.vocabulary_size
        ever = [i for i in range(size) if i != language_model.scene_token_id]
        self._ever = token_bits(ever, size)
        object_id, end = language_model.object_token_id, language_model.end_token_id
        self._without_text = token_bits([object_id, end], size)
        start = language_model.encode_answer('a')[:1]
        self._is_spaced = language_model.tokenizer.convert_ids_to_tokens(start)[
            0
        ].startswith(('\u2581', '\u0120'))

    def __getstate__(self) -> dict:
        return dict(language_model=self.language_model)

    def __setstate__(self, state: dict) -> None:
        self.__init__(**state)

    def start(self, grammar: str | None) -> AnswerConstraint:
        """Start a constraint.

        Args:
            grammar: See :meth:`SceneGraphTextFormat.grammar`.

        Returns:
            One for a new answer.

        Raises:
            InputError: xgrammar is not installed.
        """
        if grammar is None:
            return FreeAnswer(self._ever, self.language_model.end_token_id)
        import xgrammar

        if self._compile is None:
            self._compile = lru_cache(_KEPT)(self._compiler())
        matcher = xgrammar.GrammarMatcher(self._compile(grammar))
        return GrammarAnswer(matcher, self)

    def _compiler(self) -> Callable[[str], Any]:
        import xgrammar

        texts = self._vocabulary()
        spaces = [i for i, text in enumerate(texts) if text[:1].isspace()]
        self._spaces = token_bits(spaces, len(texts))
        info = xgrammar.TokenizerInfo(
            texts,
            vocab_size=self.language_model.vocabulary_size,
            stop_token_ids=[self.language_model.end_token_id],
        )
        compiler = xgrammar.GrammarCompiler(info, cache_enabled=False)
        extra = f'\nobject_token ::= Token({self.language_model.object_token_id})\n'
        root = 'root'
        if self._is_spaced:
            root = _SPACED_START
            extra += f'{_SPACED_START} ::= " "? root\n'
        return lambda grammar: compiler.compile_grammar(
            grammar + extra, root_rule_name=root
        )

    def _vocabulary(self) -> list[bytes]:
        """Return the text of each token, nothing for those that never come."""
        import xgrammar

        model = self.language_model
        found = xgrammar.TokenizerInfo.from_huggingface(
            model.tokenizer,
            vocab_size=model.vocabulary_size,
            stop_token_ids=[model.end_token_id],
        ).decoded_vocab
        hidden = {
            *model.tokenizer.all_special_ids,
            *model.tokenizer.added_tokens_decoder,
        }
        by_name = model.tokenizer.get_vocab()
        single = {i for name, i in by_name.items() if _BYTE_TOKEN.fullmatch(name)}
        spelled = {text for i, text in enumerate(found) if i not in single}
        hidden |= {i for i in single if i < len(found) and found[i] in spelled}
        texts = [b'' if i in hidden else text for i, text in enumerate(found)]
        texts[model.object_token_id] = _NO_TEXT
        return texts

    def encode(self, text: str, is_start: bool) -> tuple[int, ...]:
        """Return the tokens of a text as an answer has them.

        Args:
            text: A part of an answer.
            is_start: Whether the answer begins with it.

        Returns:
            Its tokens; none where they would depend on what is before.
        """
        if is_start:
            return tuple(self.language_model.encode_answer(text))
        return self._continue(text)

    def _encode_continuation(self, text: str) -> tuple[int, ...]:
        model = self.language_model
        # Behind a special token a text is by itself; where the tokenizer puts a space
        # before such texts, ordinary ones show what it makes of it.
        for before in (OBJECT_TOKEN, ';', 'a'):
            encoded = model.tokenizer(
                before + text, add_special_tokens=False, return_offsets_mapping=True
            )
            ends = [end for _, end in encoded.offset_mapping]
            tokens = encoded.input_ids[bisect_right(ends, len(before)) :]
            if model.decode([model.object_token_id, *tokens]) == OBJECT_TOKEN + text:
                return tuple(tokens)
        return ()

    @property
    def without_text(self) -> np.ndarray:
        """The tokens that no text can join, a bit each."""
        return self._without_text

    @property
    def spaces(self) -> np.ndarray:
        """The tokens that begin with a space, a bit each."""
        return self._spaces

    @property
    def is_spaced(self) -> bool:
        """Whether answers may begin with a space that is not theirs."""
        return self._is_spaced

    @property
    def ever(self) -> np.ndarray:
        """The tokens that may ever come, a bit each."""
        return self._ever


class GrammarAnswer(AnswerConstraint):
    """An answer that follows a grammar.

    Args:
        matcher: A matcher of xgrammar.
        family: What started it.
    """

    def __init__(self, matcher: Any, family: GrammarConstraint) -> None:
        self._matcher = matcher
        self._family = family
        self._words = np.zeros((1, len(family.ever)), np.int32)
        self._is_new = True

    @property
    def is_complete(self) -> bool:
        """Whether the end-of-text token has come."""
        return self._matcher.is_terminated()

    def allowed(self) -> np.ndarray:
        """Return which tokens may come next: a bit each, in words of 32."""
        self._matcher.fill_next_token_bitmask(self._words)
        return self._words[0] & self._family.ever

    def accept(self, token: int) -> None:
        """Go on with an allowed token.

        Raises:
            ValueError: It is not allowed.
        """
        if not self._matcher.accept_token(token):
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

    def _forced_text(self) -> list[int]:
        matcher = self._matcher
        if self._is_new and self._family.is_spaced:
            matcher = matcher.fork()
            matcher.accept_string(' ')
        text = matcher.find_jump_forward_string()
        if not text:
            return []
        tokens = list(self._family.encode(text, self._is_new))
        accepted = 0
        for token in tokens:
            if not self._matcher.accept_token(token):
                break
            accepted += 1
        kept = self._num_settled(text, tokens) if accepted == len(tokens) else 0
        if accepted > kept:
            self._matcher.rollback(accepted - kept)
        self._is_new &= not kept
        return tokens[:kept]

    def _num_settled(self, text: str, tokens: list[int]) -> int:
        """Return how many tokens of a text stay the same, whatever comes after it."""
        family = self._family
        ends = family.without_text
        if not text[-1].isspace():
            ends = ends | family.spaces
        if not (self.allowed() & ~ends).any():
            return len(tokens)
        begins = [i for i, token in enumerate(tokens) if has_bit(family.spaces, token)]
        return begins[-1] if begins else 0


def check_grammar_package(who: str) -> None:
    """Refuse to go on without xgrammar.

    Args:
        who: What needs it.

    Raises:
        InputError: It is not installed.
    """
    if importlib.util.find_spec('xgrammar') is None:
        raise InputError(
            f'{who}: its answers follow a grammar, for which the package xgrammar is '
            'missing: pip install "xgrammar>=0.2.9,<0.3"'
        )
