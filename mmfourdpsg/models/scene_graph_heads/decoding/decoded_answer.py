"""An answer's text, and which token wrote which character."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW = 16
"""Tokens after which a window may end."""


@dataclass
class DecodedAnswer:
    """Text of generated tokens.

    Attributes:
        text: The text.
        ends: For each token, how many characters of the text stand after it.
    """

    text: str
    ends: list[int]

    @classmethod
    def from_ids(
        cls,
        ids: list[int],
        decode: Callable[[list[int]], str],
        marker_id: int,
        marker: str,
    ) -> 'DecodedAnswer':
        """Decode tokens.

        Tokens are decoded in windows, since tokenizers treat the first word of a text
        differently and one character may take several tokens. A window begins at a
        marker token, or at another whose text stands by itself, so that none gets
        long. Where ordinary tokens happen to spell the marker, it is lower-cased, so
        that every marker in the text is the one token.

        Args:
            ids: Token ids.
            decode: Returns the text of token ids.
            marker_id: Id of the token ``[Obj]``.
            marker: Its text.
        """
        text, ends = '', []
        window: list[int] = []
        window_start = tail_start = 0
        for token in ids:
            if token == marker_id:
                text = _hide(marker, text, tail_start)
                window, window_start = [token], len(text)
                text += marker
                tail_start = len(text)
            else:
                window.append(token)
                text = text[:window_start] + decode(window)
                if len(window) >= _WINDOW:
                    alone = decode(window[-1:])
                    if alone and '\ufffd' not in alone and text.endswith(alone):
                        window, window_start = window[-1:], len(text) - len(alone)
            # A character of several tokens is complete with the last of them; before,
            # tokenizers show U+FFFD in its place.
            end = len(text.rstrip('\ufffd'))
            ends.append(max(end, ends[-1] if ends else 0))
        text = _hide(marker, text, tail_start)
        return cls(text, ends)

    def tokens_of(self, start: int, end: int) -> list[int]:
        """Return the indices of the tokens that wrote some of a range of characters."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.ends, end)
        return list(range(first, min(last + 1, len(self.ends))))


def _hide(marker: str, text: str, start: int) -> str:
    """Lower-case the markers that ordinary tokens spelled from ``start`` on."""
    return text[:start] + text[start:].replace(marker, marker.lower())
