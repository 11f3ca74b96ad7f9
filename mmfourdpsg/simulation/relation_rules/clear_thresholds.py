"""Thresholds of the rules of the second edition, with bands of doubt between."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .thresholds import RuleThresholds


@dataclass(frozen=True)
class ClearThresholds(RuleThresholds):
    """When a rule holds plainly, for a person who looks at the video.

    Sizes in the image are counted in widths of the things that are compared.

    Attributes:
        shown: Share of its pixels in the frame that shows most of it, from which a body
            counts as visible.
        still: Speed in m/s up to which a body rests.
        barely_rolling: Ratio of rotation times radius to speed up to which a round
            thing slides.
        barely_spinning: Rotation about the upright axis in rad/s up to which a body
            does not spin.
        way: Least way in metres of what rolls, slides, pushes, carries or lifts.
        tumbling: Rotation about lying axes in rad/s from which a thing neither slides
            nor rests.
        in_depth: Least depth in a container, as a share of its height.
        on_rim: Depth in a container, as a share of its height, up to which a thing is
            not in it.
        within: Share of its outline within a container's from which a thing may be,
            and from which it is, in it.
        faster: Least ratio of speeds of what hits another and what is hit.
        touching: Greatest gap in the image of neighbours next to each other.
        apart: Least and greatest gap in the image of neighbours left and right.
        same_depth: Greatest difference in distance to the camera of neighbours next
            to, left and right of each other, in metres.
        behind: Least and greatest difference in distance to the camera of what is in
            front of another, in metres.
        overlap: Least overlap in columns of what is in front of another.
        rest_frames: Frames that two things rest at least to be neighbours.
    """

    moving: float = 0.04
    moving_held: float = 0.05
    falling: float = 0.12
    impact: float = 0.12
    tilt: tuple[float, float] = (15.0, 65.0)
    min_pixels: int = 60
    min_frames: int = 3
    max_pause: int = 2
    shown: float = 0.25
    still: float = 0.015
    barely_rolling: float = 0.25
    rolling: float = 0.6
    barely_spinning: float = 1.0
    way: float = 0.04
    tumbling: float = 0.5
    in_depth: float = 0.35
    on_rim: float = 0.1
    within: tuple[float, float] = (0.3, 0.75)
    faster: float = 1.5
    touching: float = 0.12
    apart: tuple[float, float] = (0.27, 0.9)
    same_depth: float = 0.04
    behind: tuple[float, float] = (0.07, 0.2)
    overlap: float = 0.6
    rest_frames: int = 4
    hit_frames: ClassVar[tuple[int, int]] = (-1, 1)
    landing: ClassVar[int] = 6
    brushing: ClassVar[int] = 3
    on_while_moving: ClassVar[bool] = True

    def sees(self, pixels: np.ndarray) -> np.ndarray:
        """Return in which frames which body counts as visible, bool ``[F, N]``.

        Args:
            pixels: Visible pixels ``[F, N]``.
        """
        return pixels >= np.maximum(self.min_pixels, self.shown * pixels.max(0))

    def moves(self, speed: float) -> bool | None:
        """Return whether a body of a speed in m/s moves."""
        return between(speed, self.still, self.moving)

    def travels(self, way: float) -> bool:
        """Return whether a way in metres is one that is seen."""
        return way >= self.way

    def rolls(self, ratio: float) -> bool | None:
        """Return whether a round thing rolls, by rotation times radius to speed."""
        return between(ratio, self.barely_rolling, self.rolling)

    def spins(self, rate: float) -> bool | None:
        """Return whether a rate about the upright axis in rad/s is a spin."""
        return between(abs(rate), self.barely_spinning, self.spinning)

    def tumbles(self, rate: float) -> bool:
        """Return whether a rate about lying axes in rad/s is more than a slide."""
        return rate >= self.tumbling

    def stands(self, tilt: float) -> bool:
        """Return whether a tilt in degrees of what touches stuff makes it stand there.

        What stands is stacked on nothing.
        """
        return True

    def props(self, speed: float) -> bool:
        """Return whether a thing of a speed in m/s may be what another leans on."""
        return speed <= self.still

    def is_hit(self, fast: float, slow: float) -> bool:
        """Return whether the faster of two plainly hits, by speeds in m/s."""
        return fast >= self.faster * slow

    def is_over(self, has_centre: bool, share: float) -> bool | None:
        """Return whether a thing is within a container's outline.

        Args:
            has_centre: Whether its centre is.
            share: Share of its own outline that is.
        """
        return between(share, *self.within)

    def is_below_rim(self, depth: float, height: float) -> bool | None:
        """Return whether a thing is in a container.

        Args:
            depth: How far the thing's bottom is below the rim in metres.
            height: The container's height in metres.
        """
        return between(depth / max(height, 1e-6), self.on_rim, self.in_depth)


def between(value: float, no: float, yes: float) -> bool | None:
    """Return True from ``yes`` on, False up to ``no``, None in the band of doubt."""
    if value >= yes:
        return True
    return False if value <= no else None
