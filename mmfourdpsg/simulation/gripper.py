"""Gripper of the simulated world: reaches, holds, carries, pushes and pulls."""

from dataclasses import dataclass

import numpy as np

from .catalogue import CLOSED_GRIPPER
from .vectors import length
from .world import World


@dataclass(frozen=True)
class Waypoint:
    """One leg of a gripper's way.

    Attributes:
        target: Where to go ``[3]``, in metres; None stays.
        speed: Speed in m/s.
        grasp: Body to hold from the end of the leg on.
        release: Whether to let go at the end of the leg.
        pause: Seconds to wait at the end.
    """

    target: np.ndarray | None
    speed: float = 0.3
    grasp: int | None = None
    release: bool = False
    pause: float = 0.0


class Gripper:
    """Moves a gripper body along waypoints, as a controller of a world.

    It moves as a heavy body whose velocity is set, so that what it pushes is pushed
    by the physics; what it holds moves with it rigidly.

    Args:
        world: The world that it is in.
        start: Where it starts ``[3]``, in metres.
        waypoints: Its way.
        solid: Whether it touches things (to push them) or passes between.
        yaw: Rotation about the upright axis in radians.
        closed: Whether its fingers are together.
        holding: Body that it holds from the start on.
    """

    def __init__(
        self,
        world: World,
        start: np.ndarray,
        waypoints: list[Waypoint],
        solid: bool = False,
        yaw: float = 0.0,
        closed: bool = False,
        holding: int | None = None,
    ) -> None:
        self.world = world
        shape = CLOSED_GRIPPER if closed else None
        self.number = world.add('gripper', start, yaw, entry=shape)
        world.client.changeDynamics(world.bodies[self.number], -1, mass=20)
        if not solid:
            world.disable_collisions(self.number)
        self.waypoints = list(waypoints)
        self._wait = 0.0
        self._grip: tuple[np.ndarray, tuple] | None = None
        if holding is not None:
            self._grasp(holding, np.asarray(start))
        world.controllers.append(self)

    def __call__(self, time: float) -> None:
        """Set the velocity for the next step."""
        world, step = self.world, 1 / self.world.settings.steps_per_second
        position, _ = world.pose(self.number)
        velocity = np.zeros(3)
        if time < 0:
            pass
        elif self._wait > 0:
            self._wait -= step
        elif self.waypoints:
            leg = self.waypoints[0]
            way = (position if leg.target is None else leg.target) - position
            distance = length(way)
            if distance < 1.5 * leg.speed * step:
                self._arrive(leg, position)
            else:
                velocity = way / distance * leg.speed
        # Against gravity, which the step will add.
        lift = np.array([0, 0, world.gravity * step])
        world.move(self.number, position)
        world.set_velocity(self.number, velocity + lift)
        held = world.held.get(self.number)
        if held is not None:
            offset, pose = self._grip
            world.move(held, position + offset, pose)
            world.set_velocity(held, velocity + lift)

    def _arrive(self, leg: Waypoint, position: np.ndarray) -> None:
        self.waypoints.pop(0)
        self._wait = leg.pause
        if leg.grasp is not None:
            self._grasp(leg.grasp, position)
        if leg.release and self.number in self.world.held:
            self.world.set_velocity(self.world.held.pop(self.number), np.zeros(3))

    def _grasp(self, body: int, position: np.ndarray) -> None:
        place, pose = self.world.pose(body)
        self._grip = place - position, pose
        self.world.held[self.number] = body
