"""Scenarios in which a thing is set in motion."""

import numpy as np

from ...vectors import length
from ..controllers import launch
from ..director import Director

ROUND = ('ball', 'soccer ball', 'can')
SLIDING = ('cube', 'book', 'toy car', 'lego brick', 'plate', 'jenga block', 'mug')
AIMS = ('cube', 'can', 'domino', 'bottle', 'candle', 'duck', 'cone', 'toy robot')
SPINNING = ('mug', 'toy car', 'book', 'lego brick', 'hammer', 'house', 'duck')


def roll(director: Director) -> None:
    """A round thing that rolls across the table, often into another."""
    rng, world = director.rng, director.world
    path = _path(director, AIMS, 0.75)
    if path is None:
        return
    start, way = path
    category = director.category(ROUND)
    number = director.put(category, start, yaw=0.0)
    velocity = np.array([*way, 0]) * rng.uniform(0.22, 0.32)
    if category == 'can':
        # On its side, across its way.
        heading = np.arctan2(velocity[1], velocity[0])
        pose = world.client.getQuaternionFromEuler((np.pi / 2, 0, heading))
        world.move(number, np.array([*start, 0.2]), pose)
        world.place_on(number, 0.0)
    low, high = world.extent(number)
    axis = np.cross([0, 0, 1], velocity) / ((high - low)[2] / 2)
    launch(world, number, velocity, axis, _when(rng))


def slide(director: Director) -> None:
    """A thing that slides across the table, often into another."""
    rng, world = director.rng, director.world
    path = _path(director, None, 0.6)
    if path is None:
        return
    start, way = path
    heading = float(np.arctan2(way[1], way[0]))
    number = director.put(director.category(SLIDING), start, yaw=heading)
    _polish(director, number, rng.uniform(0.2, 0.3))
    velocity = np.array([*way, 0]) * rng.uniform(0.27, 0.36)
    launch(world, number, velocity, np.zeros(3), _when(rng))


def spin(director: Director) -> None:
    """A thing that spins on the spot (held out from pretraining)."""
    rng = director.rng
    place = director.at(rng.uniform(-0.06, 0.06), rng.uniform(-0.03, 0.06))
    number = director.put(director.category(SPINNING), place)
    _polish(director, number, 0.08)
    rate = rng.uniform(7, 11) * rng.choice([-1, 1])
    launch(director.world, number, np.zeros(3), np.array([0, 0, rate]), _when(rng))


def _path(
    director: Director, aims: tuple[str, ...] | None, share: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return where a path across the image starts and its direction ``[2]`` each.

    Something may stand in its way. The path is kept free; None where there is none.
    """
    rng = director.rng
    for _ in range(20):
        side = rng.choice([-1, 1])
        away = rng.uniform(-0.04, 0.08)
        start = director.at(side * rng.uniform(0.12, 0.15), away)
        end = director.at(
            -side * rng.uniform(0.02, 0.07), away + rng.uniform(-0.03, 0.03)
        )
        way = end - start
        if all(director.is_free(start + part * way, 0.05) for part in (0.0, 0.5, 1.0)):
            break
    else:
        return None
    if rng.random() < share:
        director.put(director.category(aims), end)
    director.keep_free(start, start + 0.7 * way, 0.045)
    return start, way / length(way)


def _polish(director: Director, number: int, friction: float) -> None:
    world = director.world
    body = world.bodies[number]
    for link in range(-1, world.client.getNumJoints(body)):
        world.client.changeDynamics(body, link, lateralFriction=friction)


def _when(rng: np.random.Generator) -> float:
    """Sample a start in seconds: before the first image, or clearly later."""
    return 0.0 if rng.random() < 0.55 else rng.uniform(0.35, 0.7)
