"""Scenarios in which a thing is set in motion."""

import numpy as np

from ...vectors import length
from ..controllers import launch
from ..director import Director

ROUND = ('ball', 'soccer ball', 'ball', 'can')
SLIDING = ('cube', 'book', 'toy car', 'lego brick', 'plate', 'jenga block')


def roll(director: Director) -> None:
    """A round thing that rolls across the table, often into another."""
    rng, world = director.rng, director.world
    aim = director.put(director.category(('cube', 'can', 'domino', 'bottle', 'candle')))
    target = np.zeros(2) if aim is None else director.centre(aim)[:2]
    side = rng.choice([-1, 1])
    start = np.array(
        [side * rng.uniform(0.25, 0.3), target[1] + rng.uniform(-0.05, 0.05)]
    )
    category = director.category(ROUND)
    number = director.put(category, start, yaw=0.0)
    way = target - start
    speed = rng.uniform(0.3, 0.6)
    velocity = np.array([*(way / length(way)), 0]) * speed
    if category == 'can':
        # On its side, across its way.
        heading = np.arctan2(velocity[1], velocity[0])
        pose = world.client.getQuaternionFromEuler((np.pi / 2, 0, heading))
        world.move(number, np.array([*start, 0.2]), pose)
        world.place_on(number, 0.0)
    low, high = world.extent(number)
    radius = (high - low)[2] / 2
    axis = np.cross([0, 0, 1], velocity) / radius
    launch(world, number, velocity, axis, rng.uniform(0.0, 0.7))


def slide(director: Director) -> None:
    """A thing that slides across the table, often into another."""
    rng, world = director.rng, director.world
    aim = director.put(director.category())
    target = np.zeros(2) if aim is None else director.centre(aim)[:2]
    side = rng.choice([-1, 1])
    start = np.array(
        [side * rng.uniform(0.24, 0.28), target[1] + rng.uniform(-0.04, 0.04)]
    )
    way = target - start
    heading = np.arctan2(way[1], way[0])
    number = director.put(director.category(SLIDING), start, yaw=heading)
    body = world.bodies[number]
    for link in range(-1, world.client.getNumJoints(body)):
        world.client.changeDynamics(body, link, lateralFriction=rng.uniform(0.12, 0.2))
    velocity = np.array([*(way / length(way)), 0]) * rng.uniform(0.6, 0.9)
    launch(world, number, velocity, np.zeros(3), rng.uniform(0.0, 0.7))


def spin(director: Director) -> None:
    """A thing that spins on the spot (held out from pretraining)."""
    number = director.put(
        director.category(('plate', 'bowl', 'mug', 'cone', 'toy robot'))
    )
    if number is None:
        return
    director.world.client.changeDynamics(
        director.world.bodies[number], -1, lateralFriction=0.08
    )
    rate = director.rng.uniform(14, 20) * director.rng.choice([-1, 1])
    start = director.rng.uniform(0.0, 0.5)
    launch(director.world, number, np.zeros(3), np.array([0, 0, rate]), start)
