"""Masks of HOI4D, hence of PSG4D-HOI."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from ..frame_readers.file_decoding import load_arrays
from .mask_decoder import MaskDecoder


@TASK_UTILS.register_module()
class HOI4DMaskDecoder(MaskDecoder):
    """Reads ``.npz`` archives whose masks are stored transposed.

    Their pixels are mask ids, which the annotation ties to object ids.

    Args:
        pattern: A file's name; ``{:05d}`` stands for the frame's number.
        start: Number of the first frame.
        key: Name of the mask in the archive.
    """

    def __init__(
        self, pattern: str = '{:05d}.npz', start: int = 0, key: str = 'array'
    ) -> None:
        super().__init__(pattern, start)
        self.key = key

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds, ``[H, W]``."""
        arrays = load_arrays(path)
        if self.key not in arrays:
            raise InputError(
                f'{path}: holds {sorted(arrays)}, expected a mask named {self.key!r}'
            )
        return arrays[self.key].T
