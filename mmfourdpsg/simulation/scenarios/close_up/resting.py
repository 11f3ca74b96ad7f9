"""Scenarios in which nothing moves."""

import numpy as np

from ..clutter.resting import lean
from ..director import OPEN, Director

BASES = ('book', 'plate', 'cube', 'lego brick')
UPPER = ('cube', 'lego brick', 'ball', 'duck', 'can', 'teddy bear', 'domino', 'mug')
SMALL = ('cube', 'ball', 'lego brick', 'duck', 'can', 'toy car')


def stand(director: Director) -> None:
    """A thing that only stands there."""
    director.put(director.category())


def stack(director: Director) -> None:
    """A thing on top of another."""
    base = director.put(director.category(BASES), yaw=_yaw(director))
    if base is None:
        return
    place, top = director.centre(base)[:2], director.top(base)
    category = director.category(UPPER)
    director.put(category, place, top + 0.001, yaw=_yaw(director), factor=0.85)


def contain(director: Director) -> None:
    """A thing in a container."""
    container = director.put(director.category(OPEN), yaw=_yaw(director))
    if container is None:
        return
    place = director.centre(container)[:2]
    director.put(director.category(SMALL), place, 0.014, _yaw(director), factor=0.7)


def prop(director: Director) -> None:
    """A flat thing that leans on another."""
    lean(director)


def beside(director: Director, category: str | None = None) -> None:
    """A thing that plainly stands next to, left or right of, or before another.

    Args:
        director: The director.
        category: What it is; None samples one.
    """
    rng, camera = director.rng, director.world.camera
    standing = [
        number
        for number in director.things
        if director.world.extent(number)[0][2] < 0.01
        and director.world.categories[number] != 'gripper'
    ]
    if not standing:
        first = director.put(director.category(), yaw=_yaw(director))
        standing = [] if first is None else [first]
    right, away = camera.right(), camera.away()
    sides = []
    kinds = ((0, 1), (1, 0), (2,))[rng.choice(3, p=(0.35, 0.5, 0.15))]
    for kind in kinds:
        ways = ((right, -right), (right, -right), (-away, away))[kind]
        gap = rng.uniform(*((0.001, 0.006), (0.045, 0.07), (0.01, 0.04))[kind])
        pairs = [(anchor, way, gap) for anchor in standing for way in ways]
        sides += [pairs[i] for i in rng.permutation(len(pairs))]
    if category is None:
        category = director.category()
        if standing and rng.random() < 0.12:
            category = director.world.categories[standing[0]]
    director.put_beside(category, sides, _yaw(director))


def _yaw(director: Director) -> float:
    """Sample a rotation that shows a face to the camera."""
    quarter = director.rng.integers(4) * np.pi / 2
    return director.world.camera.yaw + quarter + director.rng.uniform(-0.25, 0.25)
