"""Rules of collisions: hitting and pushing."""

from collections.abc import Iterator

from ..trajectory import Trajectory
from ..vectors import dot, length
from .queries import Fact, is_object, is_thing, pairs
from .thresholds import RuleThresholds


def impact(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``hitting``: the faster of two things at the frame of a first, fast touch."""
    for frame in range(1, trajectory.num_frames):
        for first, second in trajectory.contacts[frame]:
            if not (is_object(trajectory, first) and is_object(trajectory, second)):
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
            if not limits.is_hit(
                trajectory.speed(before, fast), trajectory.speed(before, slow)
            ):
                continue
            first_frame, last_frame = limits.hit_frames
            for near in range(frame + first_frame, frame + last_frame + 1):
                if near < trajectory.num_frames:
                    yield Fact(fast, 'hitting', slow, near)


def push(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``pushing``: touching from behind while both move the same way."""
    for frame in range(trajectory.num_frames):
        held = trajectory.held[frame]
        for first, second in pairs(trajectory):
            if not (is_thing(trajectory, first) and is_object(trajectory, second)):
                continue
            contact = trajectory.contact(frame, first, second)
            if contact is None or abs(contact.normal[2]) > limits.sideways:
                continue
            if held.get(first) == second or second in held.values():
                continue
            pushed = trajectory.velocity[frame, second]
            pusher = trajectory.velocity[frame, first]
            speed = length(pushed)
            if speed < limits.moving or length(pusher) < limits.moving:
                continue
            # The normal points to the pusher, the push away from it.
            direction = pushed / speed
            pushes = dot(-contact.normal, direction) > 0.4
            if pushes and dot(pusher, direction) > 0.5 * speed:
                yield Fact(first, 'pushing', second, frame)
