"""Relations and their spans, from the physics.

Each rule is a function of a trajectory that yields ``(subject, predicate, object,
frame)``. Nothing here looks at pictures except for visibility.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import Span, merge_ranges

from .trajectory import Trajectory
from .vocabulary import CONTAINER_CATEGORIES, ROUND_CATEGORIES, STUFF_CATEGORIES

Fact = tuple[int, str, int, int]


@dataclass(frozen=True)
class RuleThresholds:
    """When a rule holds.

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


def derive_relations(
    trajectory: Trajectory, thresholds: RuleThresholds | None = None
) -> list[tuple[int, str, int, Span]]:
    """Apply all rules.

    Args:
        trajectory: What the physics did.
        thresholds: When a rule holds.

    Returns:
        ``(subject, predicate, object, span)`` with body indices, sorted by start. A
        relation holds only in frames where both bodies are visible.
    """
    thresholds = thresholds or RuleThresholds()
    frames: dict[tuple[int, str, int], set[int]] = defaultdict(set)
    for rule in RULES:
        for subject, predicate, other, frame in rule(trajectory, thresholds):
            frames[subject, predicate, other].add(frame)
    visible = trajectory.visible_pixels >= thresholds.min_pixels
    relations = []
    for (subject, predicate, other), found in frames.items():
        ranges = merge_ranges((frame, frame) for frame in found)
        shortest = 1 if predicate == 'hitting' else thresholds.min_frames
        span = _smooth(ranges, thresholds.max_pause, shortest)
        seen = {
            frame
            for start, end in span
            for frame in range(start, end + 1)
            if visible[frame, subject] and visible[frame, other]
        }
        span = _smooth(merge_ranges((f, f) for f in seen), 0, shortest)
        if span:
            relations.append((subject, predicate, other, span))
    return sorted(relations, key=lambda row: (row[3], row[0], row[2], row[1]))


def _smooth(span: Span, max_pause: int, min_frames: int) -> Span:
    bridged: Span = []
    for start, end in span:
        if bridged and start - bridged[-1][1] - 1 <= max_pause:
            bridged[-1] = (bridged[-1][0], end)
        else:
            bridged.append((start, end))
    return [(start, end) for start, end in bridged if end - start + 1 >= min_frames]


def _pairs(trajectory: Trajectory) -> Iterator[tuple[int, int]]:
    for first in range(trajectory.num_bodies):
        for second in range(trajectory.num_bodies):
            if first != second:
                yield first, second


def _is_thing(trajectory: Trajectory, body: int) -> bool:
    return trajectory.categories[body] not in STUFF_CATEGORIES


def _is_object(trajectory: Trajectory, body: int) -> bool:
    """Return whether a body is a thing that moves only when moved."""
    return _is_thing(trajectory, body) and trajectory.categories[body] != 'gripper'


def _held(trajectory: Trajectory, frame: int) -> set[int]:
    return set(trajectory.held[frame].values())


def _carried_by(
    trajectory: Trajectory, frame: int, upper: int, lower: int, limits: RuleThresholds
) -> bool:
    if not _is_object(trajectory, upper) or trajectory.categories[lower] == 'gripper':
        return False
    contact = trajectory.contact(frame, upper, lower)
    return contact is not None and contact.normal[2] >= limits.upward


def _is_propped(
    trajectory: Trajectory, frame: int, body: int, limits: RuleThresholds
) -> bool:
    """Return whether a body stands tilted on stuff: it is stacked on nothing."""
    return limits.tilt[0] <= trajectory.tilt[frame, body] <= limits.tilt[1] and any(
        trajectory.categories[ground] in STUFF_CATEGORIES
        and _carried_by(trajectory, frame, body, ground, limits)
        for ground in range(trajectory.num_bodies)
    )


def _inside(trajectory: Trajectory, frame: int, inner: int, outer: int) -> bool:
    if trajectory.categories[outer] not in CONTAINER_CATEGORIES:
        return False
    centre = trajectory.position[frame, inner]
    low, high = trajectory.low[frame, outer], trajectory.high[frame, outer]
    return bool(
        (centre[:2] > low[:2]).all()
        and (centre[:2] < high[:2]).all()
        and low[2] - 0.01 <= trajectory.low[frame, inner, 2] < high[2] - 0.005
    )


def _relative_speed(trajectory: Trajectory, frame: int, first: int, second: int):
    difference = trajectory.velocity[frame, first] - trajectory.velocity[frame, second]
    return float(np.linalg.norm(difference))


def support(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``on``, ``stacked on``, ``in``, ``rolling on``, ``sliding on``, ``spinning on``.

    A body is supported by what it touches from above. Moving against the support it
    rolls or slides, else it rests: in a container, stacked on a thing, or on stuff.
    """
    for frame in range(trajectory.num_frames):
        held = _held(trajectory, frame)
        for upper, lower in _pairs(trajectory):
            if upper in held:
                continue
            if _inside(trajectory, frame, upper, lower) and _is_object(
                trajectory, upper
            ):
                if trajectory.contact(frame, upper, lower):
                    yield upper, 'in', lower, frame
                continue
            if not _carried_by(trajectory, frame, upper, lower, limits):
                continue
            speed = _relative_speed(trajectory, frame, upper, lower)
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
            elif not _is_thing(trajectory, lower):
                yield upper, 'on', lower, frame
            elif not _is_propped(trajectory, frame, upper, limits):
                yield upper, 'stacked on', lower, frame


def falling(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``falling onto`` and ``falling into`` what stops the fall."""
    for body in range(trajectory.num_bodies):
        if not _is_object(trajectory, body):
            continue
        run: list[int] = []
        for frame in range(trajectory.num_frames):
            touched = [
                other
                for other in range(trajectory.num_bodies)
                if other != body and trajectory.contact(frame, body, other)
            ]
            free = body not in _held(trajectory, frame)
            dropping = trajectory.velocity[frame, body, 2] < -limits.falling
            if free and not touched and (dropping or run):
                run.append(frame)
                continue
            if run and touched:
                below = max(
                    touched,
                    key=lambda other: trajectory.contact(frame, body, other).normal[2],
                )
                into = _inside(trajectory, frame, body, below)
                if trajectory.categories[below] != 'gripper':
                    name = 'falling into' if into else 'falling onto'
                    for falling_frame in run:
                        yield body, name, below, falling_frame
            run = []


def impact(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``hitting``: the faster of two things at the frame of a first, fast touch."""
    for frame in range(1, trajectory.num_frames):
        for first, second in trajectory.contacts[frame]:
            if not (_is_object(trajectory, first) and _is_object(trajectory, second)):
                continue
            contact = trajectory.contact(frame, first, second)
            if (
                trajectory.contact(frame - 1, first, second)
                or contact.approach_speed < limits.impact
                or abs(contact.normal[2]) > limits.upward
            ):
                continue
            before = frame - 1
            fast, slow = first, second
            if trajectory.speed(before, first) < trajectory.speed(before, second):
                fast, slow = second, first
            yield fast, 'hitting', slow, frame
            if frame + 1 < trajectory.num_frames:
                yield fast, 'hitting', slow, frame + 1


def push(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``pushing``: touching from behind while both move the same way."""
    for frame in range(trajectory.num_frames):
        held = trajectory.held[frame]
        for first, second in _pairs(trajectory):
            if not (_is_thing(trajectory, first) and _is_object(trajectory, second)):
                continue
            contact = trajectory.contact(frame, first, second)
            if contact is None or abs(contact.normal[2]) > limits.sideways:
                continue
            if held.get(first) == second or second in held.values():
                continue
            pushed = trajectory.velocity[frame, second]
            pusher = trajectory.velocity[frame, first]
            speed = np.linalg.norm(pushed)
            if speed < limits.moving or np.linalg.norm(pusher) < limits.moving:
                continue
            # The normal points to the pusher, the push away from it.
            direction = pushed / speed
            if -contact.normal @ direction > 0.4 and pusher @ direction > 0.5 * speed:
                yield first, 'pushing', second, frame


def grasp(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``holding``, ``carrying``, ``lifting``, ``pulling`` and ``reaching for``."""
    for frame, held in enumerate(trajectory.held):
        for gripper, body in held.items():
            velocity = trajectory.velocity[frame, gripper]
            flat = float(np.linalg.norm(velocity[:2]))
            on_ground = any(
                trajectory.categories[other] in STUFF_CATEGORIES
                and trajectory.contact(frame, body, other)
                for other in range(trajectory.num_bodies)
            )
            if on_ground and flat >= limits.moving_held:
                yield gripper, 'pulling', body, frame
            elif velocity[2] >= max(limits.moving_held, flat):
                yield gripper, 'lifting', body, frame
            elif flat >= limits.moving_held:
                yield gripper, 'carrying', body, frame
            else:
                yield gripper, 'holding', body, frame
            if frame and trajectory.held[frame - 1].get(gripper) != body:
                yield from _reach(trajectory, limits, gripper, body, frame)


def _reach(
    trajectory: Trajectory,
    limits: RuleThresholds,
    gripper: int,
    body: int,
    grasped: int,
) -> Iterator[Fact]:
    for frame in range(grasped - 1, -1, -1):
        if gripper in trajectory.held[frame]:
            return
        way = trajectory.position[frame, body] - trajectory.position[frame, gripper]
        velocity = trajectory.velocity[frame, gripper]
        distance = max(float(np.linalg.norm(way)), 1e-6)
        if way @ velocity / distance < limits.moving_held and frame < grasped - 1:
            return
        yield gripper, 'reaching for', body, frame


def neighbourhood(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``next to``, ``to the left of`` and ``in front of``, of resting things.

    Only things on the same stuff are neighbours, each with the nearest on its right,
    so that a crowd is not described pair by pair. The subject is the left one.
    """
    for frame in range(trajectory.num_frames):
        resting = [
            (body, ground)
            for body, ground in _pairs(trajectory)
            if trajectory.categories[ground] in STUFF_CATEGORIES
            and _carried_by(trajectory, frame, body, ground, limits)
            and trajectory.speed(frame, body) < limits.moving
            and body not in _held(trajectory, frame)
        ]
        for left, ground in resting:
            right = [
                (trajectory.gap(frame, left, other), other)
                for other, other_ground in resting
                if other_ground == ground
                and other != left
                and trajectory.image_x[frame, other] > trajectory.image_x[frame, left]
            ]
            for gap, other in sorted(right)[:1]:
                apart = abs(
                    trajectory.depth[frame, left] - trajectory.depth[frame, other]
                )
                if gap <= limits.near:
                    yield left, 'next to', other, frame
                elif gap <= limits.beside and apart < limits.in_front:
                    yield left, 'to the left of', other, frame
        yield from _in_front(trajectory, limits, frame, [body for body, _ in resting])


def _in_front(
    trajectory: Trajectory, limits: RuleThresholds, frame: int, bodies: list[int]
) -> Iterator[Fact]:
    box = trajectory.image_box[frame]
    for near in bodies:
        behind = []
        for far in bodies:
            nearer = trajectory.depth[frame, far] - trajectory.depth[frame, near]
            overlap = min(box[near, 2], box[far, 2]) - max(box[near, 0], box[far, 0])
            narrow = min(box[near, 2] - box[near, 0], box[far, 2] - box[far, 0])
            gap = trajectory.gap(frame, near, far)
            if (
                near != far
                and nearer >= limits.in_front
                and narrow > 0
                and overlap >= 0.5 * narrow
                and gap <= limits.in_front_reach
            ):
                behind.append((gap, far))
        for _, far in sorted(behind)[:1]:
            yield near, 'in front of', far, frame


def lean(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``leaning on``: tilted, at rest, and touching a thing sideways."""
    lowest, highest = limits.tilt
    for frame in range(trajectory.num_frames):
        for body, other in _pairs(trajectory):
            if not (_is_object(trajectory, body) and _is_object(trajectory, other)):
                continue
            contact = trajectory.contact(frame, body, other)
            if (
                contact is not None
                and lowest <= trajectory.tilt[frame, body] <= highest
                and trajectory.tilt[frame, other] < lowest
                and trajectory.categories[body] not in ROUND_CATEGORIES
                and abs(contact.normal[2]) < 0.9
                and trajectory.speed(frame, body) < limits.moving
                and not _inside(trajectory, frame, body, other)
            ):
                yield body, 'leaning on', other, frame


RULES: tuple[Callable[[Trajectory, RuleThresholds], Iterator[Fact]], ...] = (
    support,
    falling,
    impact,
    push,
    grasp,
    neighbourhood,
    lean,
)
