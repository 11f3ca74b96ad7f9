"""A decoded frame as a player shows it."""

import av
import numpy as np


class ShownFrame:
    """A decoded frame, upright.

    How it is turned and mirrored before it is shown comes from the file's header, the
    display matrix, as phones write it.

    Args:
        frame: The frame as it is coded.

    Attributes:
        frame: The frame as it is coded.
        size: Height and width in pixels, upright.

    Raises:
        ValueError: It is turned by other than quarter turns.
    """

    def __init__(self, frame: av.VideoFrame) -> None:
        self.frame = frame
        # A column p and a row q are shown at column a p + c q and row b p + d q.
        a, b, c, d = _display_matrix(frame)
        along, across = max(abs(a), abs(d)), max(abs(b), abs(c))
        # Rounded entries may be a little off.
        if min(along, across) > 0.01 * max(along, across):
            raise ValueError(
                f'is shown turned by {frame.rotation} degrees, expected quarter turns'
            )
        self._is_transposed = across > along
        self._flips_rows, self._flips_columns = d < 0, a < 0
        self.size = (frame.height, frame.width)
        if self._is_transposed:
            self._flips_rows, self._flips_columns = b < 0, c < 0
            self.size = (frame.width, frame.height)

    def to_array(self, pixels: str) -> np.ndarray:
        """Return its pixels.

        Args:
            pixels: FFmpeg's name of their format, such as ``rgb24``.

        Returns:
            ``[H, W, ...]``, contiguous.
        """
        array = self.frame.to_ndarray(format=pixels)
        if self._is_transposed:
            array = array.swapaxes(0, 1)
        if self._flips_rows:
            array = array[::-1]
        if self._flips_columns:
            array = array[:, ::-1]
        return np.ascontiguousarray(array)


def _display_matrix(frame: av.VideoFrame) -> tuple[int, int, int, int]:
    """Return a, b, c, d of a frame's display matrix; the identity if it has none."""
    try:
        matrix = frame.side_data.get('DISPLAYMATRIX')
    except ValueError:
        # PyAV cannot list what it has no name for (EXIF of motion JPEG), but turns.
        turns = round(frame.rotation / 90) % 4
        return ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))[turns]
    if matrix is None:
        return 1, 0, 0, 1
    a, b, _, c, d, *_ = np.frombuffer(bytes(matrix), np.int32).tolist()
    return a, b, c, d
