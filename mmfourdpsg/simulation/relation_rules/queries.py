"""Queries of a trajectory that the rules share."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..trajectory import Trajectory
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
    """Return whether a body stands tilted on stuff: it is stacked on nothing."""
    return limits.tilt[0] <= trajectory.tilt[frame, body] <= limits.tilt[1] and any(
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
    centre = trajectory.position[frame, inner]
    low, high = trajectory.low[frame, outer], trajectory.high[frame, outer]
    bottom = trajectory.low[frame, inner, 2]
    if (
        not ((centre[:2] > low[:2]).all() and (centre[:2] < high[:2]).all())
        or bottom < low[2] - 0.01
    ):
        return False
    return limits.is_below_rim(float(high[2] - bottom), float(high[2] - low[2]))


def relative_speed(
    trajectory: Trajectory, frame: int, first: int, second: int
) -> float:
    """Return the speed of one body seen from another, in m/s."""
    difference = trajectory.velocity[frame, first] - trajectory.velocity[frame, second]
    return float(np.linalg.norm(difference))
