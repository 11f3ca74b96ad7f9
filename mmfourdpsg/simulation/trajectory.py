"""Trajectory: poses, contacts and visibility of all bodies, the source of relations."""

from dataclasses import dataclass, field

import numpy as np

from .vectors import length


@dataclass
class Contact:
    """A contact of two bodies during one frame.

    Attributes:
        normal: Mean unit vector ``[3]`` that points from the second to the first body.
        approach_speed: Speed in m/s at which they came together at first touch.
    """

    normal: np.ndarray
    approach_speed: float = 0.0


@dataclass
class Trajectory:
    """Poses, motion, contacts and visibility of all bodies, frame by frame.

    Shapes: ``F`` frames, ``N`` bodies. Metres, metres a second, radians a second;
    the z axis points up. The camera looks along ``+depth``.

    Attributes:
        categories: Category of each body.
        position: Centre of each body's bounding box ``[F, N, 3]``; of a gripper the
            point between its fingers.
        velocity: Linear velocity ``[F, N, 3]``.
        spin: Angular velocity ``[F, N, 3]``.
        low: Lower corner of each bounding box ``[F, N, 3]``.
        high: Upper corner of each bounding box ``[F, N, 3]``.
        tilt: Angle in degrees ``[F, N]`` of each body's own z axis to its rest pose.
        image_x: Column of each body's centre in the image ``[F, N]``, pixels.
        depth: Distance of each body's centre along the view axis ``[F, N]``.
        image_box: ``[F, N, 4]`` box x1, y1, x2, y2 of the visible pixels; zeros where
            nothing is visible.
        visible_pixels: Number of visible pixels ``[F, N]``.
        contacts: For each frame, (first, second) body -> contact; either order.
        held: For each frame, gripper -> the body that it holds.
    """

    categories: list[str]
    position: np.ndarray
    velocity: np.ndarray
    spin: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tilt: np.ndarray
    image_x: np.ndarray
    depth: np.ndarray
    image_box: np.ndarray
    visible_pixels: np.ndarray
    contacts: list[dict[tuple[int, int], Contact]] = field(default_factory=list)
    held: list[dict[int, int]] = field(default_factory=list)

    @property
    def num_frames(self) -> int:
        """Number of frames F."""
        return len(self.position)

    @property
    def num_bodies(self) -> int:
        """Number of bodies N."""
        return len(self.categories)

    def contact(self, frame: int, first: int, second: int) -> Contact | None:
        """Return the contact of two bodies, its normal pointing to the first."""
        contacts = self.contacts[frame]
        if (first, second) in contacts:
            return contacts[first, second]
        if (second, first) in contacts:
            other = contacts[second, first]
            return Contact(-other.normal, other.approach_speed)
        return None

    def speed(self, frame: int, body: int) -> float:
        """Return the linear speed of a body in m/s."""
        return length(self.velocity[frame, body])

    def gap(self, frame: int, first: int, second: int) -> float:
        """Return the horizontal distance of two bounding boxes in metres."""
        apart = np.maximum(
            self.low[frame, first, :2] - self.high[frame, second, :2],
            self.low[frame, second, :2] - self.high[frame, first, :2],
        )
        return length(np.maximum(apart, 0))
