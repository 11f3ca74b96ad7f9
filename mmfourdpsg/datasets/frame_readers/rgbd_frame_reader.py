"""Reader of all frames of a video as a model sees them, one at a time."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RGBDFrame:
    """One frame after the transforms.

    Shapes: ``h`` x ``w`` pixels.

    Attributes:
        rgb: uint8 ``[h, w, 3]``.
        depth: float32 ``[h, w]`` in metres, 0 = unknown.
        ids: Ids of objects ``[h, w]``, 0 = none; None where masks are not read.
    """

    rgb: np.ndarray
    depth: np.ndarray
    ids: np.ndarray | None = None


class RGBDFrameReader(Sequence):
    """A lazy sequence of all frames, each read and resized when it is asked for.

    However long the video, no more than one frame is held. Workers may hand it on:
    files are opened where frames are read.

    Args:
        results: The pipeline's dictionary before any frame is read.
        transforms: What reads the frames of ``frame_indices`` and resizes them.

    Attributes:
        first: The first frame, which is read at once.
        frame_reader: The frames as they were recorded, see ``LoadRGBFrames``.
        ori_shape: Height and width of the frames as they were recorded.

    Raises:
        InputError: On reading a frame whose files are missing or bad.
    """

    def __init__(
        self, results: Mapping, transforms: Sequence[Callable[[dict], dict]]
    ) -> None:
        self.results = dict(results)
        self.transforms = list(transforms)
        read = self._read(0)
        self.frame_reader = self.results['frame_reader'] = read['frame_reader']
        self.ori_shape = tuple(read['ori_shape'])
        self.first = _frame(read)

    def __len__(self) -> int:
        return self.results['num_frames']

    # Frames are read one by one: there are no slices.
    def __getitem__(self, index: int) -> RGBDFrame:  # type: ignore[override]
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f'frame {index} of {len(self)}')
        index %= len(self)
        return _frame(self._read(index)) if index else self.first

    def _read(self, index: int) -> dict:
        read = dict(self.results, frame_indices=[index])
        for transform in self.transforms:
            read = transform(read)
        return read


def _frame(read: dict) -> RGBDFrame:
    rgb = np.ascontiguousarray(read['rgb'][0])
    depth = read['depth'][0] if 'depth' in read else np.zeros(rgb.shape[:2], np.float32)
    ids = read['panoptic_ids'][0] if 'panoptic_ids' in read else None
    return RGBDFrame(rgb, np.ascontiguousarray(depth, np.float32), ids)
