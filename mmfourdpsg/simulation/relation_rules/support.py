"""Rules of support: resting, moving and falling on what is below."""

from collections.abc import Iterator

import numpy as np

from ..trajectory import Trajectory
from ..vocabulary import ROUND_CATEGORIES
from .queries import (
    Fact,
    carried_by,
    held_bodies,
    inside,
    is_object,
    is_propped,
    is_thing,
    pairs,
    relative_speed,
)
from .thresholds import RuleThresholds


def support(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``on``, ``stacked on``, ``in``, ``rolling on``, ``sliding on``, ``spinning on``.

    A body is supported by what it touches from above. Moving against the support it
    rolls or slides, else it rests: in a container, stacked on a thing, or on stuff.
    """
    for frame in range(trajectory.num_frames):
        held = held_bodies(trajectory, frame)
        for upper, lower in pairs(trajectory):
            if upper in held:
                continue
            if inside(trajectory, frame, upper, lower) and is_object(trajectory, upper):
                if trajectory.contact(frame, upper, lower):
                    yield upper, 'in', lower, frame
                continue
            if not carried_by(trajectory, frame, upper, lower, limits):
                continue
            speed = relative_speed(trajectory, frame, upper, lower)
            extent = trajectory.high[frame, upper] - trajectory.low[frame, upper]
            spin = trajectory.spin[frame, upper]
            if speed >= limits.moving:
                surface = np.linalg.norm(spin[:2]) * extent.min() / 2
                rolls = (
                    trajectory.categories[upper] in ROUND_CATEGORIES
                    and surface >= limits.rolling * speed
                )
                pushed_down = trajectory.velocity[frame, upper, 2] < -limits.falling
                if not pushed_down:
                    name = 'rolling on' if rolls else 'sliding on'
                    yield upper, name, lower, frame
            elif abs(spin[2]) >= limits.spinning:
                yield upper, 'spinning on', lower, frame
            elif not is_thing(trajectory, lower):
                yield upper, 'on', lower, frame
            elif not is_propped(trajectory, frame, upper, limits):
                yield upper, 'stacked on', lower, frame


def falling(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``falling onto`` and ``falling into`` what stops the fall."""
    for body in range(trajectory.num_bodies):
        if not is_object(trajectory, body):
            continue
        run: list[int] = []
        for frame in range(trajectory.num_frames):
            touched = [
                other
                for other in range(trajectory.num_bodies)
                if other != body and trajectory.contact(frame, body, other)
            ]
            free = body not in held_bodies(trajectory, frame)
            dropping = trajectory.velocity[frame, body, 2] < -limits.falling
            if free and not touched and (dropping or run):
                run.append(frame)
                continue
            if run and touched:
                below = max(
                    touched,
                    key=lambda other: trajectory.contact(frame, body, other).normal[2],
                )
                into = inside(trajectory, frame, body, below)
                if trajectory.categories[below] != 'gripper':
                    name = 'falling into' if into else 'falling onto'
                    for falling_frame in run:
                        yield body, name, below, falling_frame
            run = []
