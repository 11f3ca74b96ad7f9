"""Reader of the RGB frames of a video file."""

import operator
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .shown_frame import ShownFrame
from .video_decoder import VideoDecoder
from .video_index import check_size, index_frames, index_packets


@TASK_UTILS.register_module()
class VideoFileReader(Sequence):
    """The frames of a video file that a player shows, decoded when asked for.

    Items are uint8 ``[H, W, 3]`` RGB, upright. Frames are found by decoding, so that
    index i is exactly the i-th frame: going forward is cheap, going back starts over.
    Where each frame stands for itself, as in FFV1, only those asked for are decoded.
    It can be pickled, and then opens the file anew.

    Args:
        path: A file that FFmpeg reads.
        num_frames: How many frames there should be; then damaged ones are errors, on
            reading. None, for a recording of which nothing is known, decodes all
            frames once and takes those that can be; a warning counts the others.

    Raises:
        InputError: The file is missing, is no video, holds no frame or not as many as
            there should be, or its frames are depth, differ in size or are turned by
            other than quarter turns; on reading, a frame is damaged or of another
            size.
    """

    def __init__(self, path: str | Path, num_frames: int | None = None) -> None:
        self.path = Path(path)
        self._frames: Iterator[ShownFrame] | None = None
        self._next = 0
        self._index = index_packets(self.path)
        # Where the file says otherwise, only decoding tells.
        self._skip_damaged = num_frames != len(self)
        if self._skip_damaged:
            self._index = index_frames(self.path)
        self.check_pixels(self._index.pixels)
        self.fps = self._index.fps
        self.size = self._index.size
        if num_frames not in (None, len(self)):
            raise InputError(
                f'{self.path}: holds {len(self)} frames, expected {num_frames}'
            )
        if num_frames is None and self._index.num_lost:
            total = len(self) + self._index.num_lost
            warnings.warn(
                f'{self.path}: left out {self._index.num_lost} of {total} frames, '
                'damaged or cut off',
                stacklevel=2,
            )

    def __len__(self) -> int:
        return len(self._index.times)

    def __getitem__(self, index: int) -> np.ndarray:
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f'frame {index} of {len(self)}')
        index %= len(self)
        if self._frames is None or index != self._next:
            alone = self._index.stand_alone
            if self._frames is None or alone or index < self._next:
                self._next = index if alone else 0
                self._frames = self._decode(self._next)
        try:
            for shown in self._frames:
                # One that was lost since the file was opened would shift the others.
                if self._index.times[self._next] not in (None, shown.frame.pts):
                    break
                self._next += 1
                if self._next > index:
                    check_size(self.path, index, shown.size, self.size)
                    return self.to_array(shown)
        except av.FFmpegError:
            pass
        self._frames = None
        raise InputError(
            f'{self.path}: is truncated or damaged at frame {self._next}, expected '
            f'{len(self)} frames'
        )

    def __getstate__(self) -> dict:
        # A decoder belongs to its process.
        return dict(self.__dict__, _frames=None, _next=0)

    def check_pixels(self, pixels: str) -> None:
        """Make sure that pixels of a format can be items.

        Args:
            pixels: FFmpeg's name of the format.

        Raises:
            InputError: They cannot.
        """
        if pixels.startswith('gray') and pixels not in ('gray', 'gray8a'):
            raise InputError(
                f'{self.path}: has pixels of {pixels}, expected an RGB video (one '
                'channel of more than 8 bits is depth)'
            )

    def to_array(self, frame: ShownFrame) -> np.ndarray:
        """Return a decoded frame as an item."""
        return frame.to_array('rgb24')

    def _decode(self, start: int) -> Iterator[ShownFrame]:
        time = self._index.times[start]
        with VideoDecoder(self.path) as video:
            if start:
                video.seek(time)
            for shown in video.frames(self._skip_damaged):
                if not start or shown.frame.pts >= time:
                    yield shown
