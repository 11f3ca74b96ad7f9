"""Depth maps of a video file."""

from pathlib import Path

import av
import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .video_file_reader import VideoFileReader


@TASK_UTILS.register_module()
class DepthVideoReader(VideoFileReader):
    """The depth maps of a lossless video of 16-bit grey, decoded when asked for.

    Items are float32 ``[H, W]`` in metres, 0 = unknown.

    Args:
        path: A file that FFmpeg reads.
        num_frames: How many frames there should be; None accepts any number.
        scale: Stored units a metre; 1000 for millimetres.

    Raises:
        InputError: As for :class:`VideoFileReader`, or its pixels have not 16 bits.
    """

    def __init__(
        self, path: str | Path, num_frames: int | None = None, scale: float = 1000.0
    ) -> None:
        super().__init__(path, num_frames)
        self.scale = scale

    def to_array(self, frame: av.VideoFrame) -> np.ndarray:
        """Return a decoded frame as an item."""
        if frame.format.name not in ('gray16le', 'gray16be'):
            raise InputError(
                f'{self.path}: has pixels of {frame.format.name}, expected gray16le '
                '(a coloured or 8-bit picture of depth holds no distances)'
            )
        stored = frame.to_ndarray(format='gray16le')
        return stored.astype(np.float32) / np.float32(self.scale)
