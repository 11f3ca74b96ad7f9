"""Rules of support: resting, moving and falling on what is below."""

from collections.abc import Iterator

from ..trajectory import Trajectory
from ..vectors import length
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
            within = inside(trajectory, frame, upper, lower, limits)
            if within is not False and is_object(trajectory, upper):
                if trajectory.contact(frame, upper, lower):
                    yield Fact(upper, 'in', lower, frame, within is True)
                continue
            if not carried_by(trajectory, frame, upper, lower, limits):
                continue
            moves = limits.moves(relative_speed(trajectory, frame, upper, lower))
            names = []
            if moves is not False:
                names += _motions(trajectory, frame, upper, lower, limits)
            if moves is not True:
                names += _rests(trajectory, frame, upper, lower, limits)
            if limits.on_while_moving and not is_thing(trajectory, lower):
                names = [name for name in names if name != 'on']
                yield Fact(upper, 'on', lower, frame)
            clear = moves is not None and len(names) == 1
            for name in names:
                yield Fact(upper, name, lower, frame, clear)


def _motions(
    trajectory: Trajectory, frame: int, upper: int, lower: int, limits: RuleThresholds
) -> list[str]:
    """Return how a body may be said to move over its support."""
    if trajectory.velocity[frame, upper, 2] < -limits.falling:
        return []
    rate = length(trajectory.spin[frame, upper, :2])
    if trajectory.categories[upper] not in ROUND_CATEGORIES:
        return [] if limits.tumbles(rate) else ['sliding on']
    extent = trajectory.high[frame, upper] - trajectory.low[frame, upper]
    speed = relative_speed(trajectory, frame, upper, lower)
    rolls = limits.rolls(rate * extent.min() / 2 / max(speed, 1e-9))
    return {True: ['rolling on'], False: ['sliding on']}.get(
        rolls, ['rolling on', 'sliding on']
    )


def _rests(
    trajectory: Trajectory, frame: int, upper: int, lower: int, limits: RuleThresholds
) -> list[str]:
    """Return how a body may be said to rest on its support."""
    spins = limits.spins(trajectory.spin[frame, upper, 2])
    names = [] if spins is False else ['spinning on']
    if spins is not True:
        if not is_thing(trajectory, lower):
            names.append('on')
        elif not is_propped(trajectory, frame, upper, limits):
            names.append('stacked on')
    return names


def falling(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``falling onto`` and ``falling into`` what stops the fall."""
    for body in range(trajectory.num_bodies):
        if not is_object(trajectory, body):
            continue
        run: list[int] = []
        for frame in range(trajectory.num_frames):
            touches = bool(_touched(trajectory, frame, body))
            free = body not in held_bodies(trajectory, frame)
            dropping = trajectory.velocity[frame, body, 2] < -limits.falling
            if free and not touches and (dropping or run):
                run.append(frame)
                continue
            if run and touches:
                below = _stops(trajectory, frame, body, limits)
                last = min(frame + limits.landing, trajectory.num_frames - 1)
                into = any(
                    inside(trajectory, later, body, below, limits)
                    for later in range(frame, last + 1)
                )
                if trajectory.categories[below] != 'gripper':
                    name = 'falling into' if into else 'falling onto'
                    for falling_frame in run:
                        yield Fact(body, name, below, falling_frame)
            run = []


def _touched(trajectory: Trajectory, frame: int, body: int) -> dict[int, float]:
    """Return what a body touches -> how much from above it does."""
    contacts = {
        other: trajectory.contact(frame, body, other)
        for other in range(trajectory.num_bodies)
        if other != body
    }
    return {
        other: float(contact.normal[2])
        for other, contact in contacts.items()
        if contact is not None
    }


def _stops(
    trajectory: Trajectory, frame: int, body: int, limits: RuleThresholds
) -> int:
    """Return what stops a fall, not what is only brushed on the way."""
    first = _touched(trajectory, frame, body)
    below = max(first, key=first.__getitem__)
    later = min(frame + limits.brushing, trajectory.num_frames - 1)
    then = _touched(trajectory, later, body)
    if below not in then and then:
        lower = max(then, key=then.__getitem__)
        if then[lower] >= limits.upward:
            return lower
    return below
