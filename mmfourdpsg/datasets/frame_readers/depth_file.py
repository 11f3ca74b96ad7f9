"""Decoder of one depth map: image, NumPy array or archive."""

from pathlib import Path

import numpy as np

from mmfourdpsg.utils import InputError

from .depth_units import to_metres
from .file_decoding import decode_depth_image, load_array, load_arrays

ARRAY_SUFFIXES = ('.npy', '.npz')
DEPTH_SUFFIXES = ('.png', '.tif', '.tiff', *ARRAY_SUFFIXES)


def decode_depth(path: str | Path, scale: float | None = None) -> np.ndarray:
    """Read a depth map.

    Args:
        path: Image of 16 bits or floats, ``.npy`` array, or ``.npz`` archive of a
            single array or of one that is called ``depth``.
        scale: Stored units a metre, for any kind of file; None takes 1000 for whole
            numbers and 1 for floats.

    Returns:
        float32 ``[H, W]`` in metres, 0 = unknown.

    Raises:
        InputError: The file is missing, truncated or no depth map.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in ARRAY_SUFFIXES:
        return decode_depth_image(path, scale)
    expected = 'a depth map [H, W] of floats or of whole numbers of 16 bits or more'
    array = load_array(path, expected) if suffix == '.npy' else _only_array(path)
    distances = array.dtype.kind == 'f' or (
        array.dtype.kind in 'iu' and array.dtype.itemsize > 1
    )
    if array.ndim != 2 or not array.size or not distances:
        raise InputError(
            f'{path}: holds {array.dtype} of shape {list(array.shape)}, '
            f'expected {expected}'
        )
    return to_metres(array, scale)


def _only_array(path: str | Path) -> np.ndarray:
    arrays = load_arrays(path)
    if 'depth' in arrays:
        return arrays['depth']
    if len(arrays) != 1:
        raise InputError(
            f"{path}: holds the arrays {sorted(arrays)[:8]}, expected 'depth' or one "
            'array alone'
        )
    return next(iter(arrays.values()))
