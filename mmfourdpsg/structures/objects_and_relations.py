"""Objects and relations, of which a scene graph is made."""

from dataclasses import dataclass, field

from .mask_tube import MaskTube
from .span import Span, merge_ranges

Box = tuple[float, float, float, float]


@dataclass
class SceneObject:
    """One object: what it is and where it is in each frame.

    Attributes:
        id: Number that is unique within its scene graph.
        category: Lower-cased category.
        is_thing: Whether it is a countable thing rather than stuff.
        score: Confidence in ``[0, 1]``; None for ground truth.
        tube: Its mask tube; None where no masks are known.
        boxes: Frame -> box ``(x1, y1, x2, y2)`` in pixels; None where unknown.
        attributes: What it is like, in words such as "red".
        description: What it looks like, in a phrase that does not name it; or nothing.
    """

    id: int
    category: str
    is_thing: bool = True
    score: float | None = None
    tube: MaskTube | None = None
    boxes: dict[int, Box] | None = field(default=None)
    attributes: tuple[str, ...] = ()
    description: str = ''

    def __post_init__(self) -> None:
        self.category = self.category.strip().lower()


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
