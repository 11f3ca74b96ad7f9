"""How likely a part of an annotated text is."""

from typing import NamedTuple


class PartLikelihood(NamedTuple):
    """How likely a part of an annotated text is, given what is before it.

    Attributes:
        kind: Its kind, see :class:`TextPart`; ``rest`` is all that is in no part:
            numbers, ``[Obj]``, punctuation and the end.
        text: The part, empty for ``rest``.
        nats: Summed negative log-likelihood of its tokens.
        num_tokens: Number of its tokens.
    """

    kind: str
    text: str
    nats: float
    num_tokens: int
