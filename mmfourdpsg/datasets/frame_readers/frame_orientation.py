"""Rotation and mirroring of a video's frames, from the file's metadata."""

from typing import NamedTuple

import av
import numpy as np


class FrameOrientation(NamedTuple):
    """How pixels are turned and mirrored: first transposed, then flipped.

    Attributes:
        is_transposed: Whether rows become columns.
        flips_rows: Whether the last row comes first, then.
        flips_columns: Whether the last column comes first, then.
    """

    is_transposed: bool
    flips_rows: bool
    flips_columns: bool

    @classmethod
    def of(cls, frame: av.VideoFrame) -> 'FrameOrientation':
        """Read a frame's display matrix, which phones write into a file's header.

        Raises:
            ValueError: It turns by other than quarter turns.
        """
        # A column p and a row q are shown at column a p + c q and row b p + d q.
        a, b, c, d = _display_matrix(frame)
        along, across = max(abs(a), abs(d)), max(abs(b), abs(c))
        # Rounded entries may be a little off.
        if min(along, across) > 0.01 * max(along, across):
            raise ValueError(
                f'is shown turned by {frame.rotation} degrees, expected quarter turns'
            )
        if across > along:
            return cls(True, b < 0, c < 0)
        return cls(False, d < 0, a < 0)


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
