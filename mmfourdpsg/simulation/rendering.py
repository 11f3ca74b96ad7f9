"""Rendering of a frame of the simulated world, and what is visible in frames."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .settings import SimulationSettings


def render(
    client: Any,
    settings: SimulationSettings,
    view: Sequence[float],
    light: Sequence[float],
    bodies: Sequence[int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Render a frame.

    Args:
        client: A PyBullet client.
        settings: Sizes and planes.
        view: The view matrix, 16 values by columns.
        light: Direction to the light ``[3]``.
        bodies: The client's bodies, in the order of their numbers.

    Returns:
        RGB uint8 ``[H, W, 3]``, depth float32 ``[H, W]`` in metres (0 = unknown), body
        numbers int32 ``[H, W]`` (-1 = none).
    """
    near, far = settings.near, settings.far
    projection = client.computeProjectionMatrixFOV(
        settings.field_of_view, settings.width / settings.height, near, far
    )
    _, _, rgb, buffer, segments = client.getCameraImage(
        settings.width,
        settings.height,
        view,
        projection,
        lightDirection=light,
        shadow=1,
        renderer=client.ER_TINY_RENDERER,
    )
    shape = settings.height, settings.width
    rgb = np.array(rgb, dtype=np.uint8).reshape(*shape, 4)[..., :3]
    buffer = np.array(buffer, dtype=np.float64).reshape(shape)
    depth = far * near / (far - (far - near) * buffer)
    depth[buffer >= 1] = 0
    segments = np.array(segments, dtype=np.int64).reshape(shape)
    numbers = np.full(shape, -1, dtype=np.int32)
    for number, body in enumerate(bodies):
        # The upper bits of a segment's value are the link.
        numbers[(segments >= 0) & (segments & 0xFFFFFF == body)] = number
    return rgb, depth.astype(np.float32), numbers


def visible(numbers: np.ndarray, num_bodies: int) -> tuple[np.ndarray, np.ndarray]:
    """Return boxes ``[F, N, 4]`` and numbers of visible pixels ``[F, N]``."""
    boxes = np.zeros((len(numbers), num_bodies, 4))
    pixels = np.zeros((len(numbers), num_bodies), dtype=np.int64)
    for frame, image in enumerate(numbers):
        for body in range(num_bodies):
            rows, columns = np.nonzero(image == body)
            pixels[frame, body] = len(rows)
            if len(rows):
                boxes[frame, body] = (
                    columns.min(),
                    rows.min(),
                    columns.max() + 1,
                    rows.max() + 1,
                )
    return boxes, pixels
