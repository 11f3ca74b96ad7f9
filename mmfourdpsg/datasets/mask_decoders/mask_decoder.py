"""What all sources of panoptic masks share."""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

from mmfourdpsg.utils import InputError

from ..frame_readers.frame_file import frame_file


class MaskDecoder(ABC):
    """Reads ``<mask_path>/<name>`` as ids; a subclass says how.

    Args:
        pattern: A file's name; ``{:06d}`` stands for the frame's number. It is not
            used where the pipeline's dictionary has ``mask_names``.
        start: Number of the first frame.
    """

    def __init__(self, pattern: str, start: int = 0) -> None:
        self.pattern = pattern
        self.start = start

    @abstractmethod
    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds, ``[H, W]`` of whole numbers."""

    def path(self, results: dict, frame: int) -> Path:
        """Return the file of a frame."""
        return frame_file(results, 'mask', frame, self.pattern, self.start)

    def __call__(self, results: dict, frame: int) -> np.ndarray:
        """Read one frame.

        Args:
            results: Has ``mask_path``, the video's mask directory.
            frame: Index of the frame.

        Returns:
            int32 ``[H, W]`` of ids, 0 = no object.

        Raises:
            MissingFileError: The frame has no mask.
            InputError: The file is truncated or holds no ids.
        """
        path = self.path(results, frame)
        array = self.read(path)
        if array.ndim != 2 or array.dtype.kind not in 'iu':
            raise InputError(
                f'{path}: holds {array.dtype} of shape {list(array.shape)}, '
                'expected a mask of whole numbers [H, W]'
            )
        if array.size and (array.min() < 0 or array.max() > np.iinfo(np.int32).max):
            raise InputError(
                f'{path}: holds ids from {array.min()} to {array.max()}, expected ids '
                'from 0 to 2147483647'
            )
        return array.astype(np.int32)
