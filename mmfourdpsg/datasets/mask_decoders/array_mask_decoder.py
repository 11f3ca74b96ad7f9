"""Panoptic masks that are stored as arrays of object ids."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from ..frame_readers.file_decoding import load_array


@TASK_UTILS.register_module()
class ArrayMaskDecoder:
    """Reads ``<mask_path>/<number>.npy`` whose values are object ids.

    Args:
        pattern: A file's name; ``{:06d}`` stands for the frame's number.
        start: Number of the first frame.
    """

    def __init__(self, pattern: str = '{:06d}.npy', start: int = 0) -> None:
        self.pattern = pattern
        self.start = start

    def path(self, results: dict, frame: int) -> Path:
        """Return the file of a frame."""
        return Path(results['mask_path']) / self.pattern.format(frame + self.start)

    def __call__(self, results: dict, frame: int) -> np.ndarray:
        """Read one frame.

        Args:
            results: Has ``mask_path``, the video's mask directory.
            frame: Index of the frame.

        Returns:
            int32 ``[H, W]`` of object ids, 0 = no object.

        Raises:
            MissingFileError: The frame has no mask.
            InputError: The file is truncated or holds no ids.
        """
        path = self.path(results, frame)
        expected = 'a mask of whole numbers [H, W]'
        array = load_array(path, expected)
        if array.ndim != 2 or array.dtype.kind not in 'iu':
            raise InputError(
                f'{path}: holds {array.dtype} of shape {list(array.shape)}, '
                f'expected {expected}'
            )
        if array.size and (array.min() < 0 or array.max() > np.iinfo(np.int32).max):
            raise InputError(
                f'{path}: holds ids from {array.min()} to {array.max()}, expected ids '
                'from 0 to 2147483647'
            )
        return array.astype(np.int32)
