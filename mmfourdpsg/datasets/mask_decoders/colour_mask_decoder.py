"""Panoptic masks that are stored as colours, as COCO's are."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS

from ..frame_readers.file_decoding import decode_rgb_image
from .mask_decoder import MaskDecoder


@TASK_UTILS.register_module()
class ColourMaskDecoder(MaskDecoder):
    """Reads images in which an object's id is ``R + 256 G + 65536 B`` (COCO, PSG).

    Args:
        pattern: A file's name; ``{:012d}`` stands for the frame's number.
        start: Number of the first frame.
    """

    def __init__(self, pattern: str = '{:012d}.png', start: int = 0) -> None:
        super().__init__(pattern, start)

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds."""
        colours = decode_rgb_image(path).astype(np.int32)  # [H, W, 3]
        return colours @ np.array([1, 256, 65536], np.int32)  # [H, W]
