"""Scenarios with a gripper: push, carry, hold, pull."""

import numpy as np

from ...gripper import Gripper, Waypoint
from ..director import OPEN, Director

GRASPABLE = ('cube', 'ball', 'lego brick', 'domino', 'duck', 'can', 'jenga block')


def push(director: Director) -> None:
    """A gripper that pushes a thing across the table."""
    rng, world = director.rng, director.world
    number = director.put(
        director.category(('cube', 'book', 'lego brick', 'can', 'toy car', 'ball'))
    )
    if number is None:
        return
    centre = director.centre(number)
    low, high = world.extent(number)
    side = 1 if centre[0] > 0 else -1
    # From the outside inwards.
    reach = (high - low)[0] / 2 + 0.03
    start = np.array([centre[0] + side * (reach + 0.03), centre[1], 0.045])
    end = start - [side * rng.uniform(0.18, 0.3), 0, 0]
    Gripper(
        world,
        start + [0, 0, 0.2],
        [
            Waypoint(start, 0.5),
            Waypoint(end, rng.uniform(0.16, 0.26)),
            Waypoint(end + [side * 0.05, 0, 0.2], 0.4),
        ],
        solid=True,
    )


def _pick(director: Director) -> tuple[int, np.ndarray, np.ndarray] | None:
    number = director.put(director.category(GRASPABLE), yaw=0.0)
    if number is None:
        return None
    low, high = director.world.extent(number)
    grip = np.array(
        [*((low + high) / 2)[:2], max((low + high)[2] / 2, high[2] - 0.045)]
    )
    start = grip + [
        *director.rng.uniform(-0.15, 0.15, 2),
        director.rng.uniform(0.12, 0.2),
    ]
    return number, grip, start


def carry(director: Director) -> None:
    """A gripper that reaches for a thing, lifts, carries and drops it."""
    rng = director.rng
    container = director.put(director.category(OPEN)) if rng.random() < 0.5 else None
    picked = _pick(director)
    if picked is None:
        return
    number, grip, start = picked
    place = director.free_place(0.07)
    if container is not None:
        place = director.centre(container)[:2]
    if place is None:
        place = grip[:2] + [0.1, 0.0]
    height = rng.uniform(0.13, 0.2)
    above = np.array([*grip[:2], grip[2] + height])
    there = np.array([*place, above[2]])
    speed = rng.uniform(0.3, 0.45)
    Gripper(
        director.world,
        start,
        [
            Waypoint(grip, speed, grasp=number, pause=rng.uniform(0.1, 0.3)),
            Waypoint(above, speed),
            Waypoint(there, speed, release=True, pause=0.2),
            Waypoint(there + [0, 0, 0.15], 0.4),
        ],
    )


def hold(director: Director) -> None:
    """A gripper that lifts a thing and holds it."""
    picked = _pick(director)
    if picked is None:
        return
    number, grip, start = picked
    above = grip + [0, 0, director.rng.uniform(0.06, 0.12)]
    Gripper(
        director.world,
        start,
        [
            Waypoint(grip, director.rng.uniform(0.2, 0.35), grasp=number, pause=0.2),
            Waypoint(above, director.rng.uniform(0.1, 0.2), pause=5.0),
        ],
    )


def pull(director: Director) -> None:
    """A gripper that drags a thing along the table (held out from pretraining)."""
    picked = _pick(director)
    if picked is None:
        return
    number, grip, start = picked
    end = grip + [
        *director.rng.uniform(0.08, 0.16, 2) * director.rng.choice([-1, 1], 2),
        0,
    ]
    Gripper(
        director.world,
        start,
        [
            Waypoint(grip, 0.35, grasp=number, pause=0.15),
            Waypoint(end, director.rng.uniform(0.12, 0.2), release=True, pause=0.3),
        ],
    )
