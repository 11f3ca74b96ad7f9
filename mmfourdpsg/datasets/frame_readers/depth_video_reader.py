"""Reader of the depth maps of a video file."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .shown_frame import ShownFrame
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

    def check_pixels(self, pixels: str) -> None:
        """Make sure that pixels of a format hold distances."""
        if pixels not in ('gray16le', 'gray16be'):
            raise InputError(
                f'{self.path}: has pixels of {pixels}, expected gray16le (a coloured '
                'or 8-bit image of depth holds no distances)'
            )

    def to_array(self, frame: ShownFrame) -> np.ndarray:
        """Return a decoded frame as an item."""
        stored = frame.to_array('gray16le')
        return stored.astype(np.float32) / np.float32(self.scale)
