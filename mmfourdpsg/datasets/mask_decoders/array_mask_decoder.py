"""Panoptic masks that are stored as arrays of object ids."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS

from ..frame_readers.file_decoding import load_array
from .mask_decoder import MaskDecoder


@TASK_UTILS.register_module()
class ArrayMaskDecoder(MaskDecoder):
    """Reads ``.npy`` files whose values are object ids.

    Args:
        pattern: A file's name; ``{:06d}`` stands for the frame's number.
        start: Number of the first frame.
    """

    def __init__(self, pattern: str = '{:06d}.npy', start: int = 0) -> None:
        super().__init__(pattern, start)

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds."""
        return load_array(path, 'a mask of whole numbers [H, W]')
