"""Panoptic masks that are stored as images of one channel."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS

from ..frame_readers.file_decoding import decode_index_image
from .mask_decoder import MaskDecoder


@TASK_UTILS.register_module()
class PaletteMaskDecoder(MaskDecoder):
    """Reads palette, grey or 16-bit images whose pixels are object ids (PVSG).

    Args:
        pattern: A file's name; ``{:04d}`` stands for the frame's number.
        start: Number of the first frame.
    """

    def __init__(self, pattern: str = '{:04d}.png', start: int = 0) -> None:
        super().__init__(pattern, start)

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds."""
        return decode_index_image(path)
