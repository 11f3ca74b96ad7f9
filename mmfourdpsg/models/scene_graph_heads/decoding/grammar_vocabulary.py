"""A language model's tokens as a grammar sees them."""

import re
from bisect import bisect_right
from functools import lru_cache

from ...language_models.causal_language_model import CausalLanguageModel
from ...special_tokens import OBJECT_TOKEN
from .answer_constraint import token_bits

_BYTE_TOKEN = re.compile(r'<0x[0-9A-F]{2}>')
# Bytes of no text, so that no character class matches the token that has them.
_NO_TEXT = b'\xff'
_KEPT = 4096


class GrammarVocabulary:
    """The text of each token, and what tokens a text has.

    Special tokens have no text, and neither have single bytes for characters that have
    tokens of their own: none of them ever comes. ``[Obj]`` has one that is no text.

    Args:
        language_model: Tells the tokenizer, and the special tokens.

    Attributes:
        texts: The text of each token, nothing for those that never come.
        without_text: The tokens ``[Obj]`` and end-of-text, a bit each.
        spaces: The tokens that begin with a space, a bit each.
        is_spaced: Whether the tokenizer begins texts with a space that is not theirs.
    """

    def __init__(self, language_model: CausalLanguageModel) -> None:
        self.language_model = language_model
        self.texts = self._texts()
        size = language_model.vocabulary_size
        self.without_text = token_bits(
            [language_model.object_token_id, language_model.end_token_id], size
        )
        spaces = [i for i, text in enumerate(self.texts) if text[:1].isspace()]
        self.spaces = token_bits(spaces, size)
        self.is_spaced = language_model.encode_answer('a')[0] in spaces
        self._continue = lru_cache(_KEPT)(self._encode_continuation)

    def _texts(self) -> list[bytes]:
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
