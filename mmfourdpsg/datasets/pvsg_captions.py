"""What PVSG's captions say of objects and relations.

A caption is a text over some frames that names objects by their ids in brackets:
``The woman (7) holds the child (8).``
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mmfourdpsg.structures import Span

from .descriptions import clean_text
from .descriptions.text_cleaning import cut_words, names

_TIME = re.compile(r'\s*(\d{1,9})\s*-\s*(\d{1,9})\s*')
_ID = re.compile(r'\(\s*(\d{1,9})\s*\)')
_BRACKETS = re.compile(r'\([^()]*\)')
_SENTENCE_END = re.compile(r'(?<=[.!?])\s+')
# A mention is at most an article and three words, none of which ends a phrase.
_MENTION = (
    r'(?:\b(?:a|an|the|another|one|two|three|his|her|their|its|some)\s+'
    r"(?:[\w'-]+\s+){0,2}?)?[\w'-]+\s*\(\s*%d\s*\)('s)?"
)


class PVSGCaption(NamedTuple):
    """A sentence of a caption.

    Attributes:
        start: Its first frame.
        end: Its last frame, inclusive.
        text: What it says, with ids in brackets.
        ids: The ids that it names.
    """

    start: int
    end: int
    text: str
    ids: frozenset[int]

    def overlap(self, span: Span) -> int:
        """Return how many frames it shares with a span."""
        shared = (
            min(self.end, end) - max(self.start, start) + 1 for start, end in span
        )
        return sum(max(0, frames) for frames in shared)


def read_captions(rows: Any) -> tuple[list[PVSGCaption], int]:
    """Return the sentences of a video's captions.

    Args:
        rows: As annotated, a list of ``{time: '0009-0047', description}`` whose times
            are frames, both inclusive; or anything else.

    Returns:
        The sentences in order, and the number of captions that cannot be read.
    """
    if rows is None:
        return [], 0
    if not isinstance(rows, list):
        return [], 1
    captions, unread = [], 0
    for row in rows:
        fields = row if isinstance(row, dict) else {}
        time, text = fields.get('time'), fields.get('description')
        match = _TIME.fullmatch(time) if isinstance(time, str) else None
        if match is None or not isinstance(text, str) or int(match[1]) > int(match[2]):
            unread += 1
            continue
        for sentence in _SENTENCE_END.split(text):
            ids = frozenset(int(number) for number in _ID.findall(sentence))
            caption = PVSGCaption(int(match[1]), int(match[2]), sentence, ids)
            captions.append(caption)
    return captions, unread


def caption_of_relation(
    captions: Iterable[PVSGCaption],
    subject: int,
    other: int,
    span: Span,
    max_words: int = 16,
) -> str:
    """Return the sentence that names both objects while they are related, or nothing.

    Args:
        captions: The video's sentences.
        subject: Id of the subject.
        other: Id of the object.
        span: When they are related; of several sentences, the one that shares most
            frames with it is taken.
        max_words: How many words are kept.
    """
    both = [row for row in captions if row.ids >= {subject, other}]
    best = max(both, key=lambda row: row.overlap(span), default=None)
    if best is None or not best.overlap(span):
        return ''
    return cut_words(clean_text(_BRACKETS.sub(' ', best.text)), max_words)


def caption_of_object(
    captions: Sequence[PVSGCaption], object_id: int, category: str, max_words: int = 10
) -> str:
    """Return what a sentence says of an object, or nothing.

    The object is called "it" there. It is the first that begins with the object, else
    the first that names it; none that says its category.

    Args:
        captions: The video's sentences.
        object_id: Id of the object.
        category: What must not be said.
        max_words: How many words are kept.
    """
    mention = re.compile(_MENTION % object_id, re.IGNORECASE)
    others = re.compile(rf'\((?!\s*{object_id}\s*\))[^()]*\)')
    best = ''
    for row in captions:
        if object_id not in row.ids:
            continue
        # Others' ids may stand between a noun and this one.
        text = mention.sub(_pronoun, others.sub(' ', row.text))
        for phrase in clean_text(_BRACKETS.sub(' ', text)).split(','):
            words = phrase.strip().removeprefix('and ').split()
            place = next((i for i, w in enumerate(words) if w in ('it', 'its')), None)
            if place is None:
                continue
            start = 0 if place < max_words else place - max_words // 3
            found = cut_words(' '.join(words[start:]), max_words)
            # A lone pronoun says nothing.
            if len(found.split()) < 2 or names(found, category):
                continue
            if place == 0:
                return found
            best = best or found
    return best


def _pronoun(match: re.Match) -> str:
    owns = match[1] or match[0].split('(')[0].rstrip().lower().endswith("'s")
    return 'its' if owns else 'it'
