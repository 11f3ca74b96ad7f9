"""Controllers that set a thing in motion at some time."""

import numpy as np

from ..world import World


def launch(
    world: World, number: int, velocity: np.ndarray, spin: np.ndarray, start: float
) -> None:
    """Give a body a velocity in m/s and a spin in rad/s at a time in seconds."""
    state = dict(started=False)

    def controller(time: float) -> None:
        if not state['started'] and time >= start:
            state['started'] = True
            world.set_velocity(number, velocity, spin)

    world.controllers.append(controller)


def let_fall(
    world: World,
    number: int,
    place: np.ndarray,
    start: float,
    spin: np.ndarray,
    speed: float = 0.0,
) -> None:
    """Let a body fall from a place ``[3]``; until then it is out of sight.

    Args:
        world: The world.
        number: The body.
        place: Where it starts, in metres.
        start: When, in seconds.
        spin: Its spin ``[3]`` in rad/s.
        speed: Its speed downwards in m/s when it starts.
    """
    turn = world.pose(number)[1]
    parked = np.array([10.0 + number, 20.0, 20.0])
    state = dict(free=False)

    def controller(time: float) -> None:
        if state['free']:
            return
        if time >= start:
            state['free'] = True
            world.move(number, place, turn)
            world.set_velocity(number, np.array([0, 0, -speed]), spin)
        else:
            world.move(number, parked, turn)

    world.controllers.append(controller)
