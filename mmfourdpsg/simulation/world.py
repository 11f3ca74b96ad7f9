"""World of the physics engine: bodies, grippers, and the recording of both."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmfourdpsg.utils import InputError

from .body_builder import build_body
from .camera import Camera
from .catalogue import Part
from .rendering import render, visible
from .room import build_room, shared_colour
from .settings import SimulationSettings, StageSettings
from .silence import silence
from .trajectory import Contact, Trajectory
from .vectors import dot, length
from .vocabulary import STUFF_CATEGORIES

OUT_OF_SIGHT = 5.0
"""What is as many metres away waits, or is not used."""

Controller = Callable[[float], None]
"""Called before each step with the time in seconds; below 0 everything waits."""


def connect() -> Any:
    """Return a new PyBullet client without a window.

    Raises:
        InputError: PyBullet is not installed.
    """
    try:
        with silence():
            import pybullet
            import pybullet_data
            from pybullet_utils.bullet_client import BulletClient
    except ImportError:
        raise InputError(
            'the simulated world needs PyBullet: pip install "mmfourdpsg[sim]"'
        ) from None
    with silence():
        client = BulletClient(pybullet.DIRECT)
    client.setAdditionalSearchPath(pybullet_data.getDataPath())
    return client


class World:
    """A table with things on it, in front of a wall.

    Bodies are numbered in the order in which they come: table, floor and wall first.

    Args:
        settings: Sizes and rates.
        rng: Chooses colours, light and camera.
        stage: Where the camera may be, and how things are made.
    """

    def __init__(
        self,
        settings: SimulationSettings,
        rng: np.random.Generator,
        stage: StageSettings,
    ) -> None:
        self.settings = settings
        self.stage = stage
        self.rng = rng
        self.client = connect()
        self._set_gravity(settings.gravity)
        self.client.setPhysicsEngineParameter(
            fixedTimeStep=1 / settings.steps_per_second, deterministicOverlappingPairs=1
        )
        self.camera = Camera.random(rng, stage)
        self.light = [*rng.uniform(-0.8, 0.8, 2), rng.uniform(0.8, 1.4)]
        self.bodies: list[int] = []
        self.categories: list[str] = []
        self.poses: list[tuple[float, float, float, float]] = []
        self.controllers: list[Controller] = []
        self.held: dict[int, int] = {}
        self._shared_colour = shared_colour(rng, stage)
        for category, body, pose in build_room(self.client, rng, self._shared_colour):
            self._register(body, category, pose)

    def close(self) -> None:
        """Free the simulator."""
        self.client.disconnect()

    def add(
        self,
        category: str,
        position: np.ndarray,
        yaw: float = 0.0,
        size: float = 1.0,
        entry: list[Part] | None = None,
    ) -> int:
        """Put a thing into the world.

        Args:
            category: What it is.
            position: Where its origin shall be ``[3]``, in metres.
            yaw: Rotation about the upright axis in radians.
            size: Factor on its size.
            entry: How to build it; None is the catalogue's way.

        Returns:
            Its number in this world.
        """
        colour = None
        if self._shared_colour is not None and self.rng.random() < 0.6:
            colour = self._shared_colour
        body, pose = build_body(
            self.client,
            category,
            position,
            yaw,
            self.rng,
            size,
            entry,
            colour,
            self.stage.rolling_friction,
        )
        return self._register(body, category, pose)

    def extent(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and upper corner ``[3]`` of a body's bounding box."""
        body = self.bodies[number]
        boxes = np.array(
            [
                self.client.getAABB(body, link)
                for link in range(-1, self.client.getNumJoints(body))
            ]
        )
        # PyBullet keeps a margin of 1 cm around moving bodies, of 2 mm on meshes.
        return boxes[:, 0].min(0), boxes[:, 1].max(0)

    def distance(self, first: int, second: int) -> float:
        """Return the distance of two bodies' surfaces in metres, 1 at most."""
        points = self.client.getClosestPoints(
            self.bodies[first], self.bodies[second], 1.0
        )
        return min((point[8] for point in points), default=1.0)

    def place_on(self, number: int, ground: float, clearance: float = 0.002) -> None:
        """Move a body up or down until it stands just above a height in metres."""
        low, _ = self.extent(number)
        position, pose = self.pose(number)
        self.move(number, position + [0, 0, ground + clearance - low[2]], pose)

    def pose(self, number: int) -> tuple[np.ndarray, tuple]:
        """Return a body's origin ``[3]`` in metres and its quaternion."""
        position, pose = self.client.getBasePositionAndOrientation(self.bodies[number])
        return np.array(position), pose

    def move(
        self, number: int, position: np.ndarray, pose: tuple | None = None
    ) -> None:
        """Put a body somewhere, at rest."""
        pose = self.poses[number] if pose is None else pose
        self.client.resetBasePositionAndOrientation(
            self.bodies[number], list(position), pose
        )
        self.set_velocity(number, np.zeros(3))

    def set_velocity(
        self, number: int, linear: np.ndarray, angular: np.ndarray | None = None
    ) -> None:
        """Set a body's velocity in m/s and its rotation in rad/s."""
        angular = np.zeros(3) if angular is None else angular
        self.client.resetBaseVelocity(self.bodies[number], list(linear), list(angular))

    def disable_collisions(self, number: int) -> None:
        """Let a body pass through all others."""
        body = self.bodies[number]
        for link in range(-1, self.client.getNumJoints(body)):
            self.client.setCollisionFilterGroupMask(body, link, 0, 0)

    def settle(self, seconds: float, gravity: float | None = None) -> None:
        """Run the physics before the recording starts, at negative times.

        Args:
            seconds: How long.
            gravity: Acceleration in m/s^2 until then; a stronger one is quicker to
                bring things to rest. None is the recording's.
        """
        steps = round(seconds * self.settings.steps_per_second)
        self._set_gravity(gravity or self.settings.gravity)
        for step in range(-steps, 0):
            for controller in self.controllers:
                controller(step / self.settings.steps_per_second)
            self.client.stepSimulation()
        self._set_gravity(self.settings.gravity)

    def things(self) -> list[int]:
        """Return the numbers of the things that are in the room."""
        return [
            number
            for number, category in enumerate(self.categories)
            if category not in STUFF_CATEGORIES
            and np.abs(self.pose(number)[0][:2]).max() < OUT_OF_SIGHT
        ]

    def is_at_rest(self, speed: float) -> bool:
        """Return whether no thing is faster than a speed in m/s."""
        return all(length(self._velocity(number)) <= speed for number in self.things())

    def visible_areas(self) -> dict[int, int]:
        """Return thing -> its pixels in an image of now, if it has any."""
        numbers = self._render(0.0)[2]
        areas = {number: int((numbers == number).sum()) for number in self.things()}
        return {number: area for number, area in areas.items() if area}

    def record(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, Trajectory]:
        """Run the physics and record it.

        Returns:
            RGB uint8 ``[F, H, W, 3]``, depth float32 ``[F, H, W]`` in metres (0 =
            unknown), body numbers int32 ``[F, H, W]`` (-1 = none), and the trajectory.
        """
        settings = self.settings
        steps = settings.steps_per_second // settings.fps
        frames, motions, contacts, held = [], [], [], []
        for frame in range(settings.num_frames):
            contacts.append(self._advance(frame * steps, steps))
            held.append(dict(self.held))
            frames.append(self._render((frame + 1) / settings.fps))
            motions.append(self._motion((frame + 1) / settings.fps))
        rgb, depth, numbers = (np.stack(part) for part in zip(*frames, strict=True))
        arrays = {
            key: np.stack([motion[key] for motion in motions]) for key in motions[0]
        }
        boxes, pixels = visible(numbers, len(self.bodies))
        trajectory = Trajectory(
            self.categories,
            **arrays,
            image_box=boxes,
            visible_pixels=pixels,
            contacts=contacts,
            held=held,
        )
        return rgb, depth, numbers, trajectory

    def _set_gravity(self, gravity: float) -> None:
        self.gravity = gravity
        self.client.setGravity(0, 0, -gravity)

    def _register(self, body: int, category: str, pose: tuple) -> int:
        self.bodies.append(body)
        self.categories.append(category)
        self.poses.append(pose)
        return len(self.bodies) - 1

    def _advance(self, first: int, steps: int) -> dict[tuple[int, int], Contact]:
        """Run the steps of one frame and collect its contacts."""
        number = {body: i for i, body in enumerate(self.bodies)}
        sums: dict[tuple[int, int], np.ndarray] = {}
        speeds: dict[tuple[int, int], float] = {}
        for step in range(first, first + steps):
            for controller in self.controllers:
                controller(step / self.settings.steps_per_second)
            before = [self._velocity(i) for i in range(len(self.bodies))]
            self.client.stepSimulation()
            for point in self.client.getContactPoints():
                if point[8] > 0.002 or point[1] not in number or point[2] not in number:
                    continue
                pair = number[point[1]], number[point[2]]
                normal = np.array(point[7])
                sums[pair] = sums.get(pair, 0) + normal
                speed = dot(before[pair[1]] - before[pair[0]], normal)
                speeds[pair] = max(speeds.get(pair, 0.0), speed)
        return {
            pair: Contact(total / max(length(total), 1e-9), speeds[pair])
            for pair, total in sums.items()
        }

    def _velocity(self, number: int) -> np.ndarray:
        return np.array(self.client.getBaseVelocity(self.bodies[number])[0])

    def _motion(self, time: float) -> dict[str, np.ndarray]:
        rows: dict[str, list] = {
            key: []
            for key in [
                'position',
                'velocity',
                'spin',
                'low',
                'high',
                'tilt',
                'image_x',
                'depth',
            ]
        }
        view = np.array(self._view(time)).reshape(4, 4).T
        focal = self.focal_length()
        for number, body in enumerate(self.bodies):
            linear, angular = self.client.getBaseVelocity(body)
            low, high = self.extent(number)
            centre = (low + high) / 2
            origin, pose = self.pose(number)
            if self.categories[number] == 'gripper':
                # Between its fingers; its box has a long rod on top.
                centre = origin
            _, back = self.client.invertTransform((0, 0, 0), self.poses[number])
            _, turn = self.client.multiplyTransforms((0, 0, 0), pose, (0, 0, 0), back)
            upright = np.array(self.client.getMatrixFromQuaternion(turn))[8]
            seen = view @ [*centre, 1]
            depth = -seen[2]
            rows['position'].append(centre)
            rows['velocity'].append(linear)
            rows['spin'].append(angular)
            rows['low'].append(low)
            rows['high'].append(high)
            rows['tilt'].append(np.degrees(np.arccos(np.clip(upright, -1, 1))))
            rows['depth'].append(depth)
            rows['image_x'].append(focal * seen[0] / max(depth, 1e-3))
        return {key: np.array(value) for key, value in rows.items()}

    def focal_length(self) -> float:
        """Return the focal length in pixels."""
        half = np.radians(self.settings.field_of_view) / 2
        return float(self.settings.height / 2 / np.tan(half))

    def _view(self, time: float) -> list[float]:
        return self.client.computeViewMatrix(
            self.camera.eye(time).tolist(), self.camera.target, (0, 0, 1)
        )

    def _render(self, time: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return render(
            self.client, self.settings, self._view(time), self.light, self.bodies
        )
