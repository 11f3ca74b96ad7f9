"""RGB frames of a video file."""

import operator
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError


@TASK_UTILS.register_module()
class VideoFileReader(Sequence):
    """The frames of a video file, decoded when asked for.

    Items are uint8 ``[H, W, 3]`` RGB. Frames are found by decoding, so that index i is
    exactly the i-th frame: going forward is cheap, going back starts over. Where each
    frame stands for itself, as in FFV1, only those asked for are decoded. It can be
    pickled, and then opens the file anew.

    Args:
        path: A file that FFmpeg reads.
        num_frames: How many frames there should be; None accepts any number.

    Raises:
        InputError: The file is missing, is no video, holds no frame or not as many as
            there should be, or, on reading, ends early.
    """

    def __init__(self, path: str | Path, num_frames: int | None = None) -> None:
        self.path = Path(path)
        self._frames: Iterator[av.VideoFrame] | None = None
        self._next = 0
        if not self.path.is_file():
            raise InputError(f'{self.path}: is missing, expected a video file')
        try:
            with av.open(str(self.path)) as container:
                if not container.streams.video:
                    raise InputError(f'{self.path}: holds no video, expected one')
                stream = container.streams.video[0]
                rate = stream.average_rate
                self.fps = float(rate) if rate else None
                self.size = (stream.height, stream.width)
                # Counting packets needs no decoding, and headers may lie.
                packets = [
                    (packet.pts, packet.is_keyframe)
                    for packet in container.demux(stream)
                    if packet.size > 0
                ]
                self._count = len(packets)
                times = [time for time, _ in packets]
                alone = all(is_key and time is not None for time, is_key in packets)
                self._times = times if alone and times == sorted(set(times)) else None
        except (av.FFmpegError, OSError) as error:
            raise InputError(
                f'{self.path}: is truncated or no video ({error.strerror}), expected '
                'a video file'
            ) from None
        if not self._count:
            raise InputError(
                f'{self.path}: is truncated or no video (no frame in it), expected a '
                'video file'
            )
        if num_frames not in (None, self._count):
            raise InputError(
                f'{self.path}: holds {self._count} frames, expected {num_frames}'
            )

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> np.ndarray:
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f'frame {index} of {len(self)}')
        index %= len(self)
        if self._frames is None or index != self._next:
            start = index if self._times else 0
            if self._frames is None or self._times or index < self._next:
                self._frames = self._decode(start)
                self._next = start
        try:
            while True:
                frame = next(self._frames)
                self._next += 1
                if self._next > index:
                    return self.to_array(frame)
        except (StopIteration, av.FFmpegError):
            self._frames = None
            raise InputError(
                f'{self.path}: is truncated or damaged at frame {self._next}, expected '
                f'{len(self)} frames'
            ) from None

    def __getstate__(self) -> dict:
        # A decoder belongs to its process.
        return dict(self.__dict__, _frames=None, _next=0)

    def to_array(self, frame: av.VideoFrame) -> np.ndarray:
        """Return a decoded frame as an item."""
        return frame.to_ndarray(format='rgb24')

    def _decode(self, start: int) -> Iterator[av.VideoFrame]:
        with av.open(str(self.path)) as container:
            if start:
                stream = container.streams.video[0]
                container.seek(self._times[start], stream=stream)
            for frame in container.decode(video=0):
                if not start or frame.pts >= self._times[start]:
                    yield frame
