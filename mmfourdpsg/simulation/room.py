"""Room of the simulated world: a table, the floor and a wall."""

from typing import Any

import numpy as np

from .catalogue import PALETTE
from .settings import StageSettings

Colour = tuple[float, float, float]
Pose = tuple[float, float, float, float]


def shared_colour(rng: np.random.Generator, stage: StageSettings) -> Colour | None:
    """Sample a colour that table and things share, or None for none."""
    if not stage.shared_colour or rng.random() >= stage.shared_colour:
        return None
    return PALETTE[rng.integers(len(PALETTE))]


def build_room(
    client: Any, rng: np.random.Generator, colour: Colour | None
) -> list[tuple[str, int, Pose]]:
    """Put table, floor and wall into the world.

    Args:
        client: A PyBullet client.
        rng: Chooses sizes, places and colours.
        colour: The table's colour; None samples one.

    Returns:
        Category, number in the client and quaternion of each.
    """
    wood = np.array([0.78, 0.64, 0.5]) * rng.uniform(0.85, 1.25)
    pale = rng.uniform(0.7, 0.95) * np.ones(3) + rng.uniform(-0.08, 0.08, 3)
    tint = np.array(PALETTE)[rng.integers(len(PALETTE))] * 0.5 + 0.45
    tables = [wood, pale, tint]
    if colour is not None:
        # A little paler, so that an edge is seen here and there.
        tables = [np.array(colour) * 0.8 + 0.15] * 3
    half = [rng.uniform(0.33, 0.5), rng.uniform(0.26, 0.36), 0.02]
    turn = rng.uniform(-0.2, 0.2)
    wall = rng.uniform(0.6, 0.95) * np.ones(3) + rng.uniform(-0.15, 0.15, 3)
    floor = rng.uniform(0.4, 0.75) * np.ones(3) + rng.uniform(-0.1, 0.1, 3)
    parts = []
    for category, size, position, shade, yaw in (
        ('table', half, (0, 0, -0.02), tables[rng.integers(3)], turn),
        ('floor', (3, 3, 0.02), (0, 0, -0.5), floor, 0.0),
        ('wall', (3, 0.02, 2), (0, rng.uniform(0.6, 1.0), 0), wall, 0.0),
    ):
        shape = client.createCollisionShape(client.GEOM_BOX, halfExtents=size)
        look = client.createVisualShape(
            client.GEOM_BOX, halfExtents=size, rgbaColor=[*np.clip(shade, 0.05, 1), 1]
        )
        pose = client.getQuaternionFromEuler((0, 0, yaw))
        body = client.createMultiBody(0, shape, look, position, pose)
        client.changeDynamics(body, -1, lateralFriction=0.6, restitution=0.15)
        parts.append((category, body, pose))
    return parts
