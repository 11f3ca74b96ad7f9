"""Depth maps in a directory."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .file_decoding import decode_depth_image, load_array
from .file_sequence_reader import FileSequenceReader
from .image_directory_reader import list_files


@TASK_UTILS.register_module()
class DepthDirectoryReader(FileSequenceReader):
    """All depth maps of a directory as frames, in natural order.

    Items are float32 ``[H, W]`` in metres, 0 = unknown.

    Args:
        path: Directory of 16-bit images or of ``.npy`` arrays.
        num_frames: How many there should be; None accepts any number.
        scale: Stored units a metre in images; 1000 for millimetres. Arrays are in
            metres.
        suffixes: Endings of the files that are depth maps.

    Raises:
        InputError: The directory is missing, holds no depth map or not as many as
            there should be, or mixes images and arrays; on reading, a file is
            truncated, of another size than the others, or no depth map.
    """

    def __init__(
        self,
        path: str | Path,
        num_frames: int | None = None,
        scale: float = 1000.0,
        suffixes: Sequence[str] = ('.png', '.tif', '.tiff', '.npy'),
    ) -> None:
        if not scale > 0:
            raise InputError(f'depth scale {scale}: expected a positive number')
        paths = list_files(path, suffixes)
        num_arrays = sum(item.suffix.lower() == '.npy' for item in paths)
        if num_arrays not in (0, len(paths)):
            raise InputError(
                f'{path}: holds {num_arrays} arrays and {len(paths) - num_arrays} '
                'images, expected depth maps of one kind'
            )
        decode = partial(decode_depth_image, scale=scale)
        super().__init__(paths, decode_metres if num_arrays else decode)
        self.expect_length(path, num_frames)


def decode_metres(path: str | Path) -> np.ndarray:
    """Read a depth map in metres from a ``.npy`` file.

    Args:
        path: Array ``[H, W]`` of floats; what is not finite and positive is unknown.

    Returns:
        float32 ``[H, W]`` in metres, 0 = unknown.

    Raises:
        InputError: The file is missing, truncated or no depth map in metres.
    """
    expected = 'a depth map of floats [H, W] in metres'
    array = load_array(path, expected)
    if array.ndim != 2 or array.dtype.kind != 'f':
        raise InputError(
            f'{path}: holds {array.dtype} of shape {list(array.shape)}, '
            f'expected {expected}'
        )
    array = array.astype(np.float32)
    return np.where(np.isfinite(array) & (array > 0), array, np.float32(0))
