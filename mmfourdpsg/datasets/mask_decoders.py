"""Decoders from the stored panoptic masks of each source to object ids."""

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .frame_readers.file_decoding import (
    decode_index_image,
    decode_rgb_image,
    load_array,
    load_arrays,
)
from .frame_readers.frame_file import frame_file


class MaskDecoder(ABC):
    """Reads ``<mask_path>/<name>`` as ids; a subclass says how.

    Args:
        pattern: A file's name, in which such as ``{:06d}`` stands for the frame's
            number; None takes the source's. It is not used where the pipeline's
            dictionary has ``mask_names``.
        start: Number of the first frame.

    Attributes:
        published: Pattern of the source's own names.
    """

    published: str

    def __init__(self, pattern: str | None = None, start: int = 0) -> None:
        self.pattern = self.published if pattern is None else pattern
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


@TASK_UTILS.register_module()
class ArrayMaskDecoder(MaskDecoder):
    """Reads ``.npy`` files whose values are object ids."""

    published = '{:06d}.npy'

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds."""
        return load_array(path, 'a mask of whole numbers [H, W]')


@TASK_UTILS.register_module()
class ColourMaskDecoder(MaskDecoder):
    """Reads images in which an object's id is ``R + 256 G + 65536 B`` (COCO, PSG)."""

    published = '{:012d}.png'

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds."""
        colours = decode_rgb_image(path).astype(np.int32)  # [H, W, 3]
        return colours @ np.array([1, 256, 65536], np.int32)  # [H, W]


@TASK_UTILS.register_module()
class PaletteMaskDecoder(MaskDecoder):
    """Reads palette, grey or 16-bit images whose pixels are object ids (PVSG)."""

    published = '{:04d}.png'

    def read(self, path: Path) -> np.ndarray:
        """Return what a file holds."""
        return decode_index_image(path)


@TASK_UTILS.register_module()
class HOI4DMaskDecoder(MaskDecoder):
    """Reads HOI4D's ``.npz`` archives, whose masks are stored transposed.

    Their pixels are mask ids, which the annotation ties to object ids.

    Args:
        pattern: As of :class:`MaskDecoder`.
        start: Number of the first frame.
        key: Name of the mask in the archive.
    """

    published = '{:05d}.npz'

    def __init__(
        self, pattern: str | None = None, start: int = 0, key: str = 'array'
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
