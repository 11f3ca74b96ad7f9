"""One decoded frame of a video, turned upright."""

import av
import numpy as np

from .frame_orientation import FrameOrientation


class ShownFrame:
    """A decoded frame, upright.

    Args:
        frame: The frame as it is coded.
        orientation: How it is turned before it is shown.

    Attributes:
        frame: The frame as it is coded.
        size: Height and width in pixels, upright.
    """

    def __init__(self, frame: av.VideoFrame, orientation: FrameOrientation) -> None:
        self.frame = frame
        self._orientation = orientation
        size = (frame.height, frame.width)
        self.size = size[::-1] if orientation.is_transposed else size

    def to_array(self, pixels: str) -> np.ndarray:
        """Return its pixels.

        Args:
            pixels: FFmpeg's name of their format, such as ``rgb24``.

        Returns:
            ``[H, W, ...]``, contiguous.
        """
        array = self.frame.to_ndarray(format=pixels)
        if self._orientation.is_transposed:
            array = array.swapaxes(0, 1)
        if self._orientation.flips_rows:
            array = array[::-1]
        if self._orientation.flips_columns:
            array = array[:, ::-1]
        return np.ascontiguousarray(array)
