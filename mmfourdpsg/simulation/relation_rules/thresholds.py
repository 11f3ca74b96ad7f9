"""Thresholds of the rules of the first edition, and what may be asked of them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class RuleThresholds:
    """When a rule holds.

    Its methods answer with True, False, or None for "nobody could say"; thresholds
    without a band between yes and no never answer None.

    Attributes:
        moving: Speed in m/s from which a body moves.
        moving_held: Speed in m/s from which a held body is carried.
        falling: Downward speed in m/s from which a body in the air falls.
        impact: Approach speed in m/s from which a touch is a hit.
        upward: Least z of a contact normal of a body that is carried by another.
        sideways: Greatest z of the contact normal of a push or a lean.
        rolling: Least ratio of rotation times radius to speed when rolling.
        spinning: Least rotation about the upright axis in rad/s.
        tilt: Least and greatest tilt in degrees of a body that leans.
        near: Greatest gap in metres of neighbours that are next to each other.
        beside: Greatest gap in metres of neighbours left and right.
        in_front: Least difference in distance to the camera in metres.
        in_front_reach: Greatest gap in metres of a body and what it is in front of.
        min_pixels: Visible pixels from which a body counts as visible in a frame.
        min_frames: Frames that a relation lasts at least; shorter ones are flicker.
        max_pause: Frames of a pause that is bridged.
        hit_frames: First and last frame of a hit, counted from the first touch.
        landing: Frames after the first touch in which what falls may still come to be
            in a container.
        brushing: Frames in which a falling thing may touch another and not land there.
        on_while_moving: Whether what moves over stuff is on it, too.
    """

    moving: float = 0.06
    moving_held: float = 0.05
    falling: float = 0.3
    impact: float = 0.15
    upward: float = 0.6
    sideways: float = 0.5
    rolling: float = 0.5
    spinning: float = 3.0
    tilt: tuple[float, float] = (12.0, 75.0)
    near: float = 0.02
    beside: float = 0.08
    in_front: float = 0.05
    in_front_reach: float = 0.10
    min_pixels: int = 16
    min_frames: int = 2
    max_pause: int = 1
    hit_frames: ClassVar[tuple[int, int]] = (0, 1)
    landing: ClassVar[int] = 0
    brushing: ClassVar[int] = 0
    on_while_moving: ClassVar[bool] = False

    def sees(self, pixels: np.ndarray) -> np.ndarray:
        """Return in which frames which body counts as visible, bool ``[F, N]``.

        Args:
            pixels: Visible pixels ``[F, N]``.
        """
        return pixels >= self.min_pixels

    def moves(self, speed: float) -> bool | None:
        """Return whether a body of a speed in m/s moves."""
        return bool(speed >= self.moving)

    def travels(self, way: float) -> bool:
        """Return whether a way in metres is one that is seen."""
        return True

    def rolls(self, ratio: float) -> bool | None:
        """Return whether a round thing rolls, by rotation times radius to speed."""
        return bool(ratio >= self.rolling)

    def spins(self, rate: float) -> bool | None:
        """Return whether a rate about the upright axis in rad/s is a spin."""
        return bool(abs(rate) >= self.spinning)

    def tumbles(self, rate: float) -> bool:
        """Return whether a rate about lying axes in rad/s is more than a slide."""
        return False

    def stands(self, tilt: float) -> bool:
        """Return whether a tilt in degrees of what touches stuff makes it stand there.

        What stands is stacked on nothing.
        """
        return bool(self.tilt[0] <= tilt <= self.tilt[1])

    def props(self, speed: float) -> bool:
        """Return whether a thing of a speed in m/s may be what another leans on."""
        return True

    def is_hit(self, fast: float, slow: float) -> bool:
        """Return whether the faster of two plainly hits, by speeds in m/s."""
        return True

    def is_over(self, has_centre: bool, share: float) -> bool | None:
        """Return whether a thing is within a container's outline.

        Args:
            has_centre: Whether its centre is.
            share: Share of its own outline that is.
        """
        return bool(has_centre)

    def is_below_rim(self, depth: float, height: float) -> bool | None:
        """Return whether a thing is in a container.

        Args:
            depth: How far the thing's bottom is below the rim in metres.
            height: The container's height in metres.
        """
        return bool(depth > 0.005)
