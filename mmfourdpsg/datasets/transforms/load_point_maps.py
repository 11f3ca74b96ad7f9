"""Transform that back-projects depth: a point in space for each pixel."""

from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS

from ..depth_decoders.sailvos3d_depth_decoder import inverse_projection

REFERENCE_WIDTH = 640


@TRANSFORMS.register_module()
class LoadPointMaps(BaseTransform):
    """Adds where in space each pixel of the sampled frames lies.

    Points are in metres in the camera frame of their own image: x to the right, y
    down, z forward, so that z is the depth. Poses are not read, so points of two frames
    are comparable only where the camera stands still.

    Shapes: ``T`` sampled frames, ``H`` x ``W`` pixels.

    Args:
        fx: Focal length in pixels of a frame of 640 columns, whatever the recording's
            size, of a pinhole camera with square pixels and its axis at the centre.
        matrices: Whether to take a frame's own inverse projection instead, where the
            pipeline's dictionary has a ``camera_path``: as PSG4D-GTA has them.
        matrix_pattern: Name of a file there; ``{:06d}`` stands for the frame.

    Adds ``points`` float32 ``[T, H, W, 3]``, all 0 where depth is unknown.

    Raises:
        ValueError: ``fx`` is not positive, or the depth has another size than the
            recording.
        InputError: A file of matrices is missing or holds something else.
    """

    def __init__(
        self, fx: float, matrices: bool = True, matrix_pattern: str = '{:06d}.npz'
    ) -> None:
        if not fx > 0:
            raise ValueError(f'fx is {fx}, expected a positive focal length in pixels')
        self.fx = fx
        self.matrices = matrices
        self.matrix_pattern = matrix_pattern

    def transform(self, results: dict) -> dict:
        """Back-project the frames; their depth has to be loaded before."""
        if results['img_shape'] != results['ori_shape']:
            raise ValueError('LoadPointMaps belongs before transforms of the size')
        folder = results.get('camera_path') if self.matrices else None
        points = []
        for frame, depth in zip(
            results['frame_indices'], results['depth'], strict=True
        ):
            # Where a frame's files are missing its depth is unknown, and read no more.
            if folder is None or not depth.any():
                points.append(back_project(depth, self.fx))
            else:
                path = Path(folder) / self.matrix_pattern.format(frame)
                points.append(back_project_clip(depth, inverse_projection(path)))
        results['points'] = np.stack(points)  # [T, H, W, 3]
        return results

    def __repr__(self) -> str:
        return (
            f'LoadPointMaps(fx={self.fx}, matrices={self.matrices}, '
            f'matrix_pattern={self.matrix_pattern!r})'
        )


def back_project(depth: np.ndarray, fx: float) -> np.ndarray:
    """Return the points of a pinhole camera's depth.

    ``x = (u - W / 2) z / f`` and ``y = (v - H / 2) z / f`` for a pixel whose centre is
    at ``(u, v)``.

    Args:
        depth: ``[H, W]`` metres, 0 = unknown.
        fx: Focal length in pixels of a frame of 640 columns.

    Returns:
        float32 ``[H, W, 3]`` metres, all 0 where depth is unknown.
    """
    height, width = depth.shape
    focal = fx * width / REFERENCE_WIDTH
    x = (np.arange(width) + 0.5 - width / 2) / focal  # [W]
    y = (np.arange(height) + 0.5 - height / 2)[:, None] / focal  # [H, 1]
    return np.stack([x * depth, y * depth, depth], axis=-1).astype(np.float32)


def back_project_clip(depth: np.ndarray, p_inv: np.ndarray) -> np.ndarray:
    """Return the points of depth under a projection, as SAIL-VOS 3D has them.

    A pixel's clip coordinates ``[x, y, z, 1] @ P_inv``, divided by the last entry, are
    ``(X, Y, Z)`` with y up and ``depth = -Z`` (see :class:`SAILVOS3DDepthDecoder`).
    What is known is the depth, so z is solved for first.

    Args:
        depth: ``[H, W]`` metres, 0 = unknown.
        p_inv: Inverse projection ``[4, 4]`` for row vectors.

    Returns:
        float32 ``[H, W, 3]`` metres, all 0 where depth is unknown.
    """
    height, width = depth.shape
    metres = depth.astype(np.float64)
    p_inv = p_inv.astype(np.float64)
    x = np.linspace(-1, 1, width)  # [W]
    y = np.linspace(1, -1, height)[:, None]  # [H, 1]

    def without_z(column: int) -> np.ndarray:
        return x * p_inv[0, column] + y * p_inv[1, column] + p_inv[3, column]

    with np.errstate(divide='ignore', invalid='ignore'):
        z = -(without_z(2) + metres * without_z(3)) / (
            p_inv[2, 2] + metres * p_inv[2, 3]
        )  # [H, W]
        scale = without_z(3) + z * p_inv[2, 3]
        points = np.stack(
            [
                (without_z(0) + z * p_inv[2, 0]) / scale,
                -(without_z(1) + z * p_inv[2, 1]) / scale,
                metres,
            ],
            axis=-1,
        )  # [H, W, 3]
    known = (metres > 0) & np.isfinite(points).all(axis=-1)
    return np.where(known[..., None], points, 0).astype(np.float32)
