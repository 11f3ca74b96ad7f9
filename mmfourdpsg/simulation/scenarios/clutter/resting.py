"""Scenarios in which nothing moves."""

import numpy as np

from ..director import Director

BLOCKS = ('cube', 'lego brick', 'book', 'jenga block', 'plate')
FLAT_TOPPED = ('cube', 'lego brick', 'book', 'plate')
SMALL = ('cube', 'ball', 'lego brick', 'domino', 'duck', 'teddy bear', 'can')
LEANING = ('domino', 'book', 'jenga block')
STURDY = ('basket', 'cube', 'mug', 'can')


def stand(director: Director) -> None:
    """Things that only stand there, some of them close together."""
    for _ in range(director.rng.integers(1, 4)):
        director.put(director.category())
    if director.rng.random() < 0.5:
        twins = director.category()
        first = director.put(twins)
        if first is not None:
            centre = director.centre(first)[:2]
            low, high = director.world.extent(first)
            side = np.array([(high - low)[0] + 0.008, 0.0])
            director.put(twins, centre + side, yaw=0.0)


def stack(director: Director) -> None:
    """Two or three things on top of one another."""
    base = director.put(director.category(FLAT_TOPPED), yaw=0.0)
    if base is None:
        return
    height = director.top(base)
    place = director.centre(base)[:2]
    for level in range(director.rng.integers(1, 3)):
        choices = BLOCKS if level == 0 else SMALL
        block = director.put(director.category(choices), place, height + 0.001)
        height = director.top(block)


def lean(director: Director) -> None:
    """A flat thing that leans on another."""
    rng, world = director.rng, director.world
    prop = director.put(director.category(STURDY), yaw=0.0)
    if prop is None:
        return
    centre = director.centre(prop)
    low, high = world.extent(prop)
    number = director.put(director.category(LEANING), centre[:2] + [3, 0], yaw=0.0)
    # Stand it on its long edge and let it fall gently against the prop.
    side = rng.choice([-1, 1])
    angle = np.radians(rng.uniform(20, 32)) * -side
    pose = world.poses[number]
    size = world.extent(number)[1] - world.extent(number)[0]
    stand_up = (0, np.pi / 2, 0) if size[2] < size[0] else (0, 0, 0)
    upright = world.client.getQuaternionFromEuler(stand_up)
    _, pose = world.client.multiplyTransforms((0, 0, 0), upright, (0, 0, 0), pose)
    world.poses[number] = pose
    lean_over = world.client.getQuaternionFromEuler((0, angle, 0))
    _, leaning = world.client.multiplyTransforms((0, 0, 0), lean_over, (0, 0, 0), pose)
    edge = high[0] if side > 0 else low[0]
    world.move(number, np.array([edge + side * 0.2, centre[1], 0.3]), leaning)
    own_low, own_high = world.extent(number)
    shift = (edge - own_low[0]) if side > 0 else (edge - own_high[0])
    position, _ = world.pose(number)
    world.move(number, position + [shift - side * 0.004, 0, 0], leaning)
    world.place_on(number, 0.0, 0.0)
