"""Camera of the simulated world."""

from dataclasses import dataclass

import numpy as np

from .settings import StageSettings
from .vectors import dot, length


@dataclass(frozen=True)
class Camera:
    """A camera that looks at a point and may orbit it.

    Attributes:
        target: Point that it looks at ``[3]``, in metres.
        distance: Distance to the target in metres.
        pitch: Angle above the horizontal in radians.
        yaw: Angle about the upright axis in radians; 0 looks along ``+y``.
        orbit: Change of the yaw in radians a second.
    """

    target: tuple[float, float, float]
    distance: float
    pitch: float
    yaw: float
    orbit: float = 0.0

    @classmethod
    def random(cls, rng: np.random.Generator, stage: StageSettings) -> 'Camera':
        """Sample a camera close to the table, which may move."""
        moves = rng.random() < stage.moving
        return cls(
            target=(*rng.uniform(-0.02, 0.02, 2), rng.uniform(*stage.target_height)),
            distance=rng.uniform(*stage.distance),
            pitch=np.radians(rng.uniform(*stage.pitch)),
            yaw=np.radians(rng.uniform(-stage.yaw, stage.yaw)),
            orbit=np.radians(rng.uniform(8, 18)) * rng.choice([-1, 1])
            if moves
            else 0.0,
        )

    def right(self) -> np.ndarray:
        """Return the way to the right of the first image, on the table ``[2]``."""
        return np.array([np.cos(self.yaw), np.sin(self.yaw)])

    def away(self) -> np.ndarray:
        """Return the way into the first image, on the table ``[2]``."""
        return np.array([-np.sin(self.yaw), np.cos(self.yaw)])

    def eye(self, time: float) -> np.ndarray:
        """Return where the camera is ``[3]`` at a time in seconds."""
        yaw = self.yaw + self.orbit * time
        direction = np.array(
            [
                np.sin(yaw) * np.cos(self.pitch),
                -np.cos(yaw) * np.cos(self.pitch),
                np.sin(self.pitch),
            ]
        )
        return np.array(self.target) + self.distance * direction

    def highest(self, place: np.ndarray, time: float, field_of_view: float) -> float:
        """Return the height in metres above a place that the image just shows.

        Args:
            place: Where on the ground ``[2]``, in metres.
            time: In seconds.
            field_of_view: Vertical field of view in degrees.
        """
        eye = self.eye(time)
        ahead = np.array(self.target) - eye
        ahead /= length(ahead)
        up = np.array([0, 0, 1]) - ahead[2] * ahead
        up /= length(up)
        # Up over ahead is the slope at the upper edge; both are linear in the height.
        slope = np.tan(np.radians(field_of_view) / 2)
        way = np.array([*place, 0]) - eye
        return float(
            (dot(slope * way, ahead) - dot(way, up)) / (up[2] - slope * ahead[2])
        )
