"""The depth of a recording that has none."""

import operator
from collections.abc import Sequence

import numpy as np


class NoDepth(Sequence):
    """A sequence of depth maps in which everything is unknown.

    Items are float32 ``[H, W]``, all 0.

    Args:
        num_frames: Number of frames.
        size: Height and width in pixels.
    """

    def __init__(self, num_frames: int, size: tuple[int, int]) -> None:
        self.num_frames = num_frames
        self.size = tuple(size)

    def __len__(self) -> int:
        return self.num_frames

    # Frames are read one by one: there are no slices.
    def __getitem__(self, index: int) -> np.ndarray:  # type: ignore[override]
        if not -len(self) <= operator.index(index) < len(self):
            raise IndexError(f'frame {index} of {len(self)}')
        return np.zeros(self.size, dtype=np.float32)
