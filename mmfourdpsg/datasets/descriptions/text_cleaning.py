"""Text of annotations as it may stand in a description or a reason."""

import re
import unicodedata

_OTHER = re.compile(r"[^\w ,.'-]+|_")
# Words that a text cannot end with.
_LEADING = frozenset(
    (
        *('a', 'an', 'the', 'his', 'her', 'its', 'their', 'another'),
        *('and', 'or', 'but', 'while', 'as', 'that', 'who', 'which', 'is', 'are'),
        *('with', 'of', 'to', 'in', 'on', 'at', 'by', 'from', 'for', 'into', 'onto'),
        *('over', 'behind', 'under', 'near'),
    )
)
_WORD = re.compile(r'\w+')


def clean_text(text: str) -> str:
    """Return a text in lower case with nothing but what a phrase may hold.

    That is letters and digits of any script, single spaces, commas, full stops,
    apostrophes and hyphens; other characters end a word.

    Args:
        text: Any text.
    """
    plain = text.replace('\N{RIGHT SINGLE QUOTATION MARK}', "'")
    plain = unicodedata.normalize('NFKC', plain)
    plain = ' '.join(_OTHER.sub(' ', plain).split())
    plain = re.sub(r' (?=[,.])', '', plain)
    plain = re.sub(r'([,.])[,. ]*(?=[,.])', '', plain)
    return plain.strip(" ,.'-").lower()


def cut_words(text: str, max_words: int) -> str:
    """Return a text of at most so many words, none of which asks for another.

    Args:
        text: A clean text.
        max_words: How many words are kept.
    """
    words = text.split()
    if len(words) > max_words:
        words = words[:max_words]
        while words and words[-1].strip(',') in _LEADING:
            words.pop()
    return ' '.join(words).strip(" ,.'-")


def names(text: str, category: str) -> bool:
    """Return whether a text has a word of a category, in the singular or plural."""
    words = set(_WORD.findall(category.lower()))
    words |= {word + end for word in words for end in ('s', 'es')}
    words |= {word[:-1] for word in words if word.endswith('s')}
    return not words.isdisjoint(_WORD.findall(text.lower()))
