"""Scenarios in which things fall."""

import numpy as np

from ...world import World
from ..controllers import let_fall
from ..director import OPEN, Director

SMALL = ('cube', 'ball', 'lego brick', 'domino', 'duck', 'teddy bear', 'can')


def drop(director: Director) -> None:
    """One or two things that fall onto the table or into a container."""
    rng, world = director.rng, director.world
    target = None
    if rng.random() < 0.6:
        place = _high_place(director, 0.08)
        target = None if place is None else director.put(director.category(OPEN), place)
    for _ in range(rng.integers(1, 3)):
        place = _high_place(director, 0.06) if target is None else None
        if target is not None:
            place = director.centre(target)[:2] + rng.uniform(-0.03, 0.03, 2)
        if place is None:
            return
        start = rng.uniform(0.05, 1.2)
        top = world.camera.highest(place, start, world.settings.field_of_view)
        _drop_at(director, world, place, start, min(rng.uniform(0.8, 0.95) * top, 0.5))


def _high_place(director: Director, radius: float) -> np.ndarray | None:
    """Find a free place above which much room is seen, so that a fall is too."""
    places = [director.free_place(radius) for _ in range(3)]
    camera, view = director.world.camera, director.world.settings.field_of_view
    return max(
        (place for place in places if place is not None),
        key=lambda place: camera.highest(place, 0.0, view),
        default=None,
    )


def _drop_at(
    director: Director, world: World, place: np.ndarray, start: float, height: float
) -> None:
    pose = director.rng.uniform(-np.pi, np.pi)
    number = world.add(
        director.category(SMALL),
        np.array([0, 20, 20.0]),
        pose,
        director.rng.uniform(0.9, 1.1),
    )
    spin = director.rng.uniform(-3, 3, 3)
    let_fall(world, number, np.array([*place, height]), start, spin)
