"""Answers that follow a grammar, or none."""

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mmfourdpsg.utils import InputError

from ...language_models.causal_language_model import CausalLanguageModel
from .answer_constraint import AnswerConstraint, FreeAnswer, token_bits
from .grammar_answer import GrammarAnswer
from .grammar_vocabulary import GrammarVocabulary

_SPACED_START = 'spaced_start'
# A grammar with three decimals takes four megabytes, and those of times are hardly
# ever asked for again.
_KEPT = 32


class GrammarConstraint:
    """Starts constraints for the answers of a language model.

    ``[Obj]`` comes where a grammar has the rule ``object_token``, and nowhere else;
    other special tokens never come. Where the tokenizer begins texts with a space,
    answers may, too. Without a grammar anything may come but ``<scene>``.

    Grammars are compiled once. Copies of it compile anew.

    Args:
        language_model: Tells the tokenizer, and the special tokens.
    """

    def __init__(self, language_model: CausalLanguageModel) -> None:
        self.language_model = language_model
        self._vocabulary: GrammarVocabulary | None = None
        self._compile: Callable[[str, bool], Any] | None = None
        size = language_model.vocabulary_size
        free = [i for i in range(size) if i != language_model.scene_token_id]
        self._free = token_bits(free, size)

    def __getstate__(self) -> dict:
        return dict(language_model=self.language_model)

    def __setstate__(self, state: dict) -> None:
        self.__init__(**state)

    @property
    def vocabulary(self) -> GrammarVocabulary:
        """The vocabulary that grammars are compiled for.

        Raises:
            InputError: xgrammar is not installed.
        """
        if self._vocabulary is None:
            check_grammar_package('constrained decoding')
            self._vocabulary = GrammarVocabulary(self.language_model)
        return self._vocabulary

    def start(self, grammar: str | None, is_new: bool = True) -> AnswerConstraint:
        """Start a constraint.

        Args:
            grammar: See :meth:`SceneGraphTextFormat.grammar`.
            is_new: Whether an answer begins with it; else it follows on whole words.

        Returns:
            One for a new answer, or for the rest of one.

        Raises:
            InputError: xgrammar is not installed.
        """
        if grammar is None:
            return FreeAnswer(self._free, self.language_model.end_token_id)
        vocabulary = self.vocabulary
        import xgrammar

        if self._compile is None:
            self._compile = lru_cache(_KEPT)(self._compiler())
        return GrammarAnswer(
            xgrammar.GrammarMatcher(self._compile(grammar, is_new)), vocabulary, is_new
        )

    def forget(self) -> None:
        """Forget compiled grammars, so that each is compiled anew."""
        self._compile = None

    def _compiler(self) -> Callable[[str, bool], Any]:
        import xgrammar

        info = xgrammar.TokenizerInfo(
            self.vocabulary.texts,
            vocab_size=self.language_model.vocabulary_size,
            stop_token_ids=[self.language_model.end_token_id],
        )
        # An answer comes by few states of a grammar that is used once: masks of the
        # others, of three-digit times above all, are never asked for.
        compiler = xgrammar.GrammarCompiler(
            info, cache_enabled=False, enable_dynamic_compilation=True
        )
        extra = f'\nobject_token ::= Token({self.language_model.object_token_id})\n'
        spaced = f'{_SPACED_START} ::= " "? root\n'

        def compile_grammar(grammar: str, is_new: bool) -> Any:
            if is_new and self.vocabulary.is_spaced:
                return compiler.compile_grammar(
                    grammar + extra + spaced, root_rule_name=_SPACED_START
                )
            return compiler.compile_grammar(grammar + extra)

        return compile_grammar


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
