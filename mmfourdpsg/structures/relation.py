"""One relation of a scene graph."""

from dataclasses import dataclass

from .span import Span, merge_ranges


@dataclass
class Relation:
    """A subject, a predicate, an object, and when it holds.

    Attributes:
        subject: Id of the subject.
        predicate: Lower-cased predicate.
        object: Id of the object.
        span: Sorted disjoint inclusive frame ranges; adjacent ranges are merged
            on construction.
        score: Confidence in ``[0, 1]``; None for ground truth.
        reason: Why its objects are thought to be related, in a phrase; or nothing.

    Raises:
        ValueError: A range of the span is reversed or starts before frame 0.
    """

    subject: int
    predicate: str
    object: int
    span: Span
    score: float | None = None
    reason: str = ''

    def __post_init__(self) -> None:
        self.predicate = self.predicate.strip().lower()
        self.span = merge_ranges(self.span)
