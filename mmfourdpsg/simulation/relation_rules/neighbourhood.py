"""Rules of where resting things are to one another, in space."""

from collections.abc import Iterator

from ..trajectory import Trajectory
from ..vectors import length
from ..vocabulary import ROUND_CATEGORIES, STUFF_CATEGORIES
from .queries import Fact, carried_by, held_bodies, inside, is_object, pairs
from .thresholds import RuleThresholds


def neighbourhood(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``next to``, ``to the left of`` and ``in front of``, of resting things.

    Only things on the same stuff are neighbours, each with the nearest on its right,
    so that a crowd is not described pair by pair. The subject is the left one.
    """
    for frame in range(trajectory.num_frames):
        resting = [
            (body, ground)
            for body, ground in pairs(trajectory)
            if trajectory.categories[ground] in STUFF_CATEGORIES
            and carried_by(trajectory, frame, body, ground, limits)
            and trajectory.speed(frame, body) < limits.moving
            and body not in held_bodies(trajectory, frame)
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
                    yield Fact(left, 'next to', other, frame)
                elif gap <= limits.beside and apart < limits.in_front:
                    yield Fact(left, 'to the left of', other, frame)
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
            yield Fact(near, 'in front of', far, frame)


def lean(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``leaning on``: tilted, at rest, and touching a thing sideways."""
    lowest, highest = limits.tilt
    for frame in range(trajectory.num_frames):
        for body, other in pairs(trajectory):
            if not (is_object(trajectory, body) and is_object(trajectory, other)):
                continue
            contact = trajectory.contact(frame, body, other)
            if (
                contact is not None
                and lowest <= trajectory.tilt[frame, body] <= highest
                and trajectory.tilt[frame, other] < lowest
                and trajectory.categories[body] not in ROUND_CATEGORIES
                and abs(contact.normal[2]) < 0.9
                and limits.moves(trajectory.speed(frame, body)) is False
                and limits.props(trajectory.speed(frame, other))
                and not limits.tumbles(length(trajectory.spin[frame, body]))
                and inside(trajectory, frame, body, other, limits) is False
            ):
                yield Fact(body, 'leaning on', other, frame)
