"""Writer of video files."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from mmfourdpsg.utils import atomic_write


def write_video(path: str | Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """Encode frames as they come: H.264 where FFmpeg has it, else MPEG-4.

    Args:
        path: The ``.mp4`` file to write, whole or not at all.
        frames: uint8 ``[H, W, 3]`` RGB, all of one size, at least one. Odd sides gain
            one row or column, since the usual pixel format has none.
        fps: Frames a second, more than 0.

    Raises:
        ValueError: There is no frame.
    """
    rate = Fraction(fps).limit_denominator(1001)
    with (
        atomic_write(path) as temporary,
        # "file:", or FFmpeg takes a colon in the path for the end of a protocol's name.
        av.open(
            f'file:{temporary}', 'w', options={'movflags': 'faststart'}
        ) as container,
    ):
        stream = None
        for frame in frames:
            frame = _make_even(frame)
            if stream is None:
                stream = _add_stream(container, rate, frame.shape[:2])
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame, 'rgb24')):
                container.mux(packet)
        if stream is None:
            raise ValueError(f'{path}: there is no frame to write')
        for packet in stream.encode():
            container.mux(packet)


def _make_even(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    padding = ((0, height % 2), (0, width % 2), (0, 0))
    return np.ascontiguousarray(np.pad(frame, padding, mode='edge'))


def _add_stream(
    container: av.container.OutputContainer, rate: Fraction, size: tuple[int, int]
) -> av.VideoStream:
    if 'libx264' in av.codecs_available:
        stream = container.add_stream('libx264', rate, options={'crf': '20'})
    else:
        stream = container.add_stream('mpeg4', rate, options={'qscale': '3'})
    stream.height, stream.width = size
    stream.pix_fmt = 'yuv420p'
    return stream
