"""Queries of a trajectory that the rules share."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..trajectory import Trajectory
from ..vectors import length
from ..vocabulary import CONTAINER_CATEGORIES, STUFF_CATEGORIES
from .thresholds import RuleThresholds


class Fact(NamedTuple):
    """Something that holds in a frame.

    Attributes:
        subject: Its number.
        predicate: The predicate.
        object: Its number.
        frame: The frame.
        clear: Whether it plainly holds; otherwise nobody could say.
    """

    subject: int
    predicate: str
    object: int
    frame: int
    clear: bool = True


def pairs(trajectory: Trajectory) -> Iterator[tuple[int, int]]:
    """Yield each ordered pair of different bodies."""
    for first in range(trajectory.num_bodies):
        for second in range(trajectory.num_bodies):
            if first != second:
                yield first, second


def is_thing(trajectory: Trajectory, body: int) -> bool:
    """Return whether a body is no stuff."""
    return trajectory.categories[body] not in STUFF_CATEGORIES


def is_object(trajectory: Trajectory, body: int) -> bool:
    """Return whether a body is a thing that moves only when moved."""
    return is_thing(trajectory, body) and trajectory.categories[body] != 'gripper'


def held_bodies(trajectory: Trajectory, frame: int) -> set[int]:
    """Return the bodies that grippers hold in a frame."""
    return set(trajectory.held[frame].values())


def carried_by(
    trajectory: Trajectory, frame: int, upper: int, lower: int, limits: RuleThresholds
) -> bool:
    """Return whether a thing touches another body from above."""
    if not is_object(trajectory, upper) or trajectory.categories[lower] == 'gripper':
        return False
    contact = trajectory.contact(frame, upper, lower)
    return contact is not None and contact.normal[2] >= limits.upward


def is_propped(
    trajectory: Trajectory, frame: int, body: int, limits: RuleThresholds
) -> bool:
    """Return whether a body stands on stuff: it is stacked on nothing."""
    return limits.stands(trajectory.tilt[frame, body]) and any(
        trajectory.categories[ground] in STUFF_CATEGORIES
        and carried_by(trajectory, frame, body, ground, limits)
        for ground in range(trajectory.num_bodies)
    )


def inside(
    trajectory: Trajectory, frame: int, inner: int, outer: int, limits: RuleThresholds
) -> bool | None:
    """Return whether a body is within a container, below its rim; None for "maybe"."""
    if trajectory.categories[outer] not in CONTAINER_CATEGORIES:
        return False
    low, high = trajectory.low[frame, outer], trajectory.high[frame, outer]
    own_low, own_high = trajectory.low[frame, inner], trajectory.high[frame, inner]
    centre = trajectory.position[frame, inner, :2]
    common = np.minimum(high, own_high)[:2] - np.maximum(low, own_low)[:2]
    outline = np.maximum((own_high - own_low)[:2].prod(), 1e-9)
    is_over = limits.is_over(
        (centre > low[:2]).all() and (centre < high[:2]).all(),
        float(common.clip(0).prod() / outline),
    )
    if is_over is False or own_low[2] < low[2] - 0.01:
        return False
    is_below = limits.is_below_rim(float(high[2] - own_low[2]), float(high[2] - low[2]))
    return False if is_below is False else is_over and is_below


def relative_speed(
    trajectory: Trajectory, frame: int, first: int, second: int
) -> float:
    """Return the speed of one body seen from another, in m/s."""
    difference = trajectory.velocity[frame, first] - trajectory.velocity[frame, second]
    return length(difference)
