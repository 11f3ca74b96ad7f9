"""Depth decoder of SAIL-VOS 3D, hence of PSG4D-GTA."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from ..frame_readers.file_decoding import load_array, load_arrays


@TASK_UTILS.register_module()
class SAILVOS3DDepthDecoder:
    """Turns the game's depth buffer into metres.

    A stored value d gives the clip coordinate ``z = d / 6 - 4e-5``. With the pixel
    ``(px, py)`` at ``x = 2 px / (W - 1) - 1`` and ``y = -2 py / (H - 1) + 1``, the row
    vector ``[x, y, z, 1] @ P_inv``, divided by its last entry, is the point in camera
    coordinates, and ``depth = -Z``. Where ``d = 24e-5``, that is z = 0, is sky.

    ``P_inv`` is the inverse projection of the frame, in ``rage_matrices``. Where the
    key is missing it is derived: from ``P`` by inversion, or from ``V`` and ``VP``,
    since ``VP = V @ P`` for row vectors.

    Shapes: ``H`` x ``W`` pixels (800 x 1280 in the published data).

    Args:
        depth_pattern: Name of a depth file; ``{:06d}`` stands for the frame.
        matrix_pattern: Name of a file of ``rage_matrices``.
    """

    scale = 6.0
    offset = 4e-5
    sky = 24e-5

    def __init__(
        self,
        depth_pattern: str = '{:06d}.npy',
        matrix_pattern: str = '{:06d}.npz',
    ) -> None:
        self.depth_pattern = depth_pattern
        self.matrix_pattern = matrix_pattern

    def __call__(self, results: dict, frame: int) -> np.ndarray:
        """Read one frame.

        Args:
            results: Has ``depth_path`` and ``camera_path``, the video's directories of
                depth buffers and of matrices.
            frame: Index of the frame.

        Returns:
            float32 ``[H, W]`` in metres, 0 = sky or otherwise unknown.

        Raises:
            MissingFileError: The frame lacks its depth or its matrix file.
            InputError: A file is truncated or holds something else.
        """
        path = Path(results['depth_path']) / self.depth_pattern.format(frame)
        expected = 'a depth buffer of floats [H, W]'
        buffer = load_array(path, expected)
        if buffer.ndim != 2 or buffer.dtype.kind != 'f':
            raise InputError(
                f'{path}: holds {buffer.dtype} of shape {list(buffer.shape)}, '
                f'expected {expected}'
            )
        path = Path(results['camera_path']) / self.matrix_pattern.format(frame)
        return self.to_metres(buffer, inverse_projection(path))

    def to_metres(self, buffer: np.ndarray, p_inv: np.ndarray) -> np.ndarray:
        """Convert a depth buffer.

        Args:
            buffer: Stored values ``[H, W]``.
            p_inv: Inverse projection ``[4, 4]`` for row vectors.

        Returns:
            float32 ``[H, W]`` in metres, 0 = unknown.
        """
        height, width = buffer.shape
        stored = buffer.astype(np.float64)
        z = stored / self.scale - self.offset  # [H, W]
        x = np.linspace(-1, 1, width)  # [W]
        y = np.linspace(1, -1, height)[:, None]  # [H, 1]

        def column(index: int) -> np.ndarray:
            weights = p_inv[:, index].astype(np.float64)
            return x * weights[0] + y * weights[1] + z * weights[2] + weights[3]

        with np.errstate(divide='ignore', invalid='ignore'):
            depth = -column(2) / column(3)  # [H, W]
        # float32 is 1.5e-11 apart here: the tolerance allows for nothing but rounding.
        sky = np.abs(stored - self.sky) < 1e-10
        known = ~sky & np.isfinite(depth) & (depth > 0)
        return np.where(known, depth, 0).astype(np.float32)


def inverse_projection(path: Path) -> np.ndarray:
    """Return a frame's inverse projection ``[4, 4]`` for row vectors.

    Args:
        path: File of ``rage_matrices``.

    Raises:
        MissingFileError: There is no such file.
        InputError: It holds no matrix from which to tell.
    """
    matrices = load_arrays(path)
    expected = 'P_inv, or P, or V and VP, as 4 x 4 matrices'
    try:
        if 'P_inv' in matrices:
            p_inv = matrices['P_inv']
        elif 'P' in matrices:
            p_inv = np.linalg.inv(matrices['P'])
        else:
            p_inv = np.linalg.inv(matrices['VP']) @ matrices['V']
    except KeyError:
        raise InputError(
            f'{path}: holds {sorted(matrices)}, expected {expected}'
        ) from None
    except (np.linalg.LinAlgError, TypeError, ValueError) as error:
        raise InputError(f'{path}: {error}, expected {expected}') from None
    if p_inv.shape != (4, 4) or not np.isfinite(p_inv).all():
        raise InputError(
            f'{path}: holds a matrix of shape {list(p_inv.shape)} or without finite '
            f'inverse, expected {expected}'
        )
    return p_inv
