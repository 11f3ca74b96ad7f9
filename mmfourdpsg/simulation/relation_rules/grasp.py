"""Rules of what a gripper does with a thing."""

from collections.abc import Iterator

from ..trajectory import Trajectory
from ..vectors import dot, length
from ..vocabulary import STUFF_CATEGORIES
from .queries import Fact
from .thresholds import RuleThresholds


def grasp(trajectory: Trajectory, limits: RuleThresholds) -> Iterator[Fact]:
    """``holding``, ``carrying``, ``lifting``, ``pulling`` and ``reaching for``."""
    for frame, held in enumerate(trajectory.held):
        for gripper, body in held.items():
            velocity = trajectory.velocity[frame, gripper]
            flat = length(velocity[:2])
            on_ground = any(
                trajectory.categories[other] in STUFF_CATEGORIES
                and trajectory.contact(frame, body, other)
                for other in range(trajectory.num_bodies)
            )
            if on_ground and flat >= limits.moving_held:
                yield Fact(gripper, 'pulling', body, frame)
            elif velocity[2] >= max(limits.moving_held, flat):
                yield Fact(gripper, 'lifting', body, frame)
            elif flat >= limits.moving_held:
                yield Fact(gripper, 'carrying', body, frame)
            else:
                yield Fact(gripper, 'holding', body, frame)
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
        distance = max(length(way), 1e-6)
        if dot(way, velocity) / distance < limits.moving_held and frame < grasped - 1:
            return
        yield Fact(gripper, 'reaching for', body, frame)
