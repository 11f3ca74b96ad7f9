"""Scenarios with a gripper: push, fetch, grasp, deliver, pull."""

import numpy as np

from ...gripper import Gripper, Waypoint
from ...vectors import length
from ..director import OPEN, Director

GRASPABLE = ('cube', 'ball', 'lego brick', 'duck', 'can', 'jenga block')
PUSHED = ('cube', 'book', 'lego brick', 'can', 'toy car', 'duck', 'bowl', 'mug')
FLAT = ('book', 'plate')
UP = np.array([0, 0, 1.0])


def push(director: Director) -> None:
    """A gripper that pushes a thing across the table."""
    rng = director.rng
    side = rng.choice([-1, 1])
    place = director.at(side * rng.uniform(-0.01, 0.04), rng.uniform(-0.03, 0.06))
    yaw = director.world.camera.yaw
    number = director.put(director.category(PUSHED), place, yaw=yaw)
    low, high = director.world.extent(number)
    along = np.array([*director.world.camera.right(), 0]) * side
    # Half of the thing, half of the gripper, and some way to go.
    reach = (high - low)[0] / 2 + 0.02
    lead, way = rng.uniform(0.04, 0.06), rng.uniform(0.1, 0.14)
    centre = np.array([*director.centre(number)[:2], 0.04])
    begin, end = centre + along * (reach + lead), centre - along * way
    director.keep_free(begin[:2], end[:2], 0.04)
    _grip(
        director,
        centre + along * (reach + lead),
        [
            _wait(rng),
            Waypoint(centre + along * (reach - way), rng.uniform(0.11, 0.14), pause=5),
        ],
        yaw=yaw,
        solid=True,
        closed=True,
    )


def fetch(director: Director) -> None:
    """A gripper that reaches for a thing, lifts it, and carries it aside."""
    rng = director.rng
    number, grip = _thing_to_grasp(director)
    side = -np.sign(director.right_of_centre(number))
    aside = np.array([*director.world.camera.right(), 0]) * side
    above = grip + UP * rng.uniform(0.06, 0.08)
    _grip(
        director,
        grip + _above(director),
        [
            _wait(rng),
            *_reach(director, grip, number),
            _leg(grip, above, 0.4),
            _leg(above, above + aside * rng.uniform(0.1, 0.14), 0.7, pause=5),
        ],
    )


def grasp(director: Director) -> None:
    """A gripper that reaches for a thing, lifts it, and holds it."""
    rng = director.rng
    number, grip = _thing_to_grasp(director)
    above = grip + UP * rng.uniform(0.05, 0.08)
    _grip(
        director,
        grip + _above(director),
        [
            _wait(rng),
            *_reach(director, grip, number),
            _leg(grip, above, rng.uniform(0.4, 0.55), pause=5),
        ],
    )


def deliver(director: Director) -> None:
    """A gripper that holds a thing, carries it over another, and lets go."""
    rng, world = director.rng, director.world
    side = rng.choice([-1, 1])
    kind = rng.choice(3, p=(0.5, 0.3, 0.2))
    place = director.at(-side * rng.uniform(0.02, 0.07), rng.uniform(-0.02, 0.05))
    ground = 0.0
    if kind < 2:
        target = director.put(director.category((OPEN, FLAT)[kind]), place)
        ground, place = director.top(target), director.centre(target)[:2]
    aside = np.array([*world.camera.right(), 0]) * side
    category = director.category(GRASPABLE)
    start = place + aside[:2] * rng.uniform(0.1, 0.13)
    number = director.put(
        category, start, yaw=world.camera.yaw, factor=(0.75, 0.85, 0.85)[kind]
    )
    position, pose = world.pose(number)
    low, high = world.extent(number)
    height = ground + (high - low)[2] + rng.uniform(0.025, 0.04)
    world.move(number, position + UP * (height - high[2]), pose)
    grip = _grip_point(director, number)
    director.keep_free(start, place, 0.05)
    there = grip + np.array([*(place - director.centre(number)[:2]), 0])
    wait = rng.choice([0.0, rng.uniform(0.3, 0.6)])
    _grip(
        director,
        grip,
        [
            Waypoint(None, pause=wait),
            _leg(grip, there, rng.uniform(0.5, 0.7), release=True, pause=0.2),
            _leg(there, there + UP * 0.04, 0.4, pause=5),
        ],
        holding=number,
    )


def pull(director: Director) -> None:
    """A gripper that drags a thing along the table (held out from pretraining)."""
    rng = director.rng
    number, grip = _graspable(director)
    side = -np.sign(director.right_of_centre(number))
    aside = np.array([*director.world.camera.right(), 0]) * side
    _grip(
        director,
        grip + _above(director),
        [
            _wait(rng),
            *_reach(director, grip, number),
            _leg(grip, grip + aside * rng.uniform(0.1, 0.15), 0.9, pause=5),
        ],
    )


def _grip(director: Director, start: np.ndarray, legs: list, **options) -> None:
    # Its fingers left and right of what it holds, so that they do not hide it.
    options = dict(yaw=director.world.camera.yaw + np.pi / 2) | options
    gripper = Gripper(director.world, start, legs, **options)
    director.things.append(gripper.number)


def _graspable(
    director: Director, place: np.ndarray | None = None, ground: float = 0.0
) -> tuple[int, np.ndarray]:
    """Put something that fits between the fingers; return it and where to grip."""
    rng, world = director.rng, director.world
    if place is None:
        place = director.at(
            rng.choice([-1, 1]) * rng.uniform(0.03, 0.08), rng.uniform(-0.03, 0.05)
        )
    number = director.put(
        director.category(GRASPABLE),
        place,
        ground,
        yaw=world.camera.yaw,
        factor=0.75 if ground else 0.85,
    )
    return number, _grip_point(director, number)


def _thing_to_grasp(director: Director) -> tuple[int, np.ndarray]:
    """Put a thing on the table, on another or in a container, to be grasped."""
    rng = director.rng
    kind = rng.choice(3, p=(0.5, 0.3, 0.2))
    if kind == 0:
        return _graspable(director)
    place = director.at(
        rng.choice([-1, 1]) * rng.uniform(0.03, 0.07), rng.uniform(-0.03, 0.05)
    )
    base = director.put(director.category((FLAT, OPEN)[kind - 1]), place)
    ground = director.top(base) + 0.001 if kind == 1 else 0.014
    return _graspable(director, director.centre(base)[:2], ground)


def _grip_point(director: Director, number: int) -> np.ndarray:
    low, high = director.world.extent(number)
    middle = (low + high) / 2
    return np.array([*middle[:2], max(middle[2], high[2] - 0.045)])


def _above(director: Director) -> np.ndarray:
    """Return where a gripper starts, from where it will grip."""
    right = director.world.camera.right() * director.rng.uniform(-0.06, 0.06)
    return np.array([*right, director.rng.uniform(0.07, 0.085)])


def _reach(director: Director, grip: np.ndarray, number: int) -> list[Waypoint]:
    # From straight above, so that no finger passes through the thing.
    above = grip + UP * 0.06
    return [
        Waypoint(above, 0.25),
        _leg(above, grip, director.rng.uniform(0.35, 0.45), grasp=number, pause=0.08),
    ]


def _leg(start: np.ndarray, end: np.ndarray, seconds: float, **options) -> Waypoint:
    """Return a leg that takes so many seconds."""
    return Waypoint(end, length(end - start) / seconds, **options)


def _wait(rng: np.random.Generator) -> Waypoint:
    """Wait a little, or not at all, so that the first image shows it on its way."""
    return Waypoint(None, pause=0.0 if rng.random() < 0.6 else rng.uniform(0.25, 0.4))
