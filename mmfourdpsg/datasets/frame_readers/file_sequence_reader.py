"""Base class of readers whose frames are one file each."""

import operator
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mmfourdpsg.utils import InputError


class FileSequenceReader(Sequence):
    """A lazy sequence of frames, each read from its file when asked for.

    Args:
        paths: One file a frame, in the order of the frames.
        decode: Reads one file into an array ``[H, W, ...]``.

    Raises:
        InputError: On reading a frame whose file is bad, or whose size differs from
            that of the frame that was read first.
    """

    fps: float | None = None

    def __init__(
        self, paths: Sequence[str | Path], decode: Callable[[str | Path], np.ndarray]
    ) -> None:
        self.paths = paths
        self.decode = decode
        self._size: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> np.ndarray:
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f'frame {index} of {len(self)}')
        path = self.paths[index % len(self)]
        frame = self.decode(path)
        if self._size is None:
            self._size = frame.shape[:2]
        if frame.shape[:2] != self._size:
            raise InputError(
                f'{path}: has {frame.shape[0]} x {frame.shape[1]} pixels (height x '
                f'width), expected {self._size[0]} x {self._size[1]} as the frames '
                'read before'
            )
        return frame

    def expect_length(self, path: str | Path, num_frames: int | None) -> None:
        """Make sure that there are as many frames as expected.

        Args:
            path: Where they are, for the message.
            num_frames: How many there should be; None accepts any number.

        Raises:
            InputError: There are more or fewer.
        """
        if num_frames is not None and len(self) != num_frames:
            raise InputError(f'{path}: holds {len(self)} frames, expected {num_frames}')

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a frame in pixels; reads the first one if need be."""
        if self._size is None:
            self[0]
        return self._size
