"""One object of a scene graph."""

from dataclasses import dataclass, field

from .mask_tube import MaskTube

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
