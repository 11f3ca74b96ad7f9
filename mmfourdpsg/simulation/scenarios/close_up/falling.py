"""Scenario in which a thing falls."""

import numpy as np

from ..controllers import let_fall
from ..director import OPEN, Director

SMALL = ('cube', 'ball', 'lego brick', 'domino', 'duck', 'teddy bear', 'can', 'mug')
FLAT = ('book', 'plate', 'cube', 'lego brick')


def drop(director: Director) -> None:
    """A thing that falls into a container, onto another thing, or onto the table.

    It is in the air in the first image, or comes from above it later.
    """
    rng, world = director.rng, director.world
    kind = rng.choice(3, p=(0.4, 0.3, 0.3))
    places = (
        director.at(rng.uniform(-0.09, 0.09), rng.uniform(-0.03, 0.08))
        for _ in range(20)
    )
    place = next((place for place in places if director.is_free(place, 0.06)), None)
    if place is None:
        return
    if kind < 2:
        target = director.put(director.category((OPEN, FLAT)[kind]), place)
        place = director.centre(target)[:2]
    category = director.category(SMALL)
    size = director.size(category) * (0.75 if kind == 0 else 1.0)
    number = world.add(category, np.array([0, 20, 20.0]), rng.uniform(-3, 3), size)
    director.things.append(number)
    director.keep_free(place, place, 0.05)
    low, high = world.extent(number)
    half = float(high[2] - low[2]) / 2
    starts = rng.random() < 0.6
    start = 0.0 if starts else rng.uniform(0.25, 0.7)
    top = world.camera.highest(place, start, world.settings.field_of_view)
    height = top - half if starts else top + 0.6 * half
    speed = rng.uniform(0.0, 0.1) if starts else rng.uniform(0.15, 0.25)
    spin = rng.uniform(-1.5, 1.5, 3)
    let_fall(world, number, np.array([*place, min(height, 0.4)]), start, spin, speed)
