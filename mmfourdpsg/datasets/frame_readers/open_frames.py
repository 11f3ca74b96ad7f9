"""The right reader for a user's RGB input."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmfourdpsg.utils import InputError

from .image_directory_reader import ImageDirectoryReader
from .video_file_reader import VideoFileReader


def open_frames(path: str | Path) -> Sequence[np.ndarray]:
    """Open a directory of images or a video file.

    Args:
        path: The directory or file.

    Returns:
        Lazy sequence of uint8 ``[H, W, 3]`` RGB frames, with ``fps`` (None for a
        directory) and ``size`` (height, width).

    Raises:
        InputError: There is neither, or it holds no frame.
    """
    expected = 'a directory of images or a video file'
    if not str(path):
        raise InputError(f'the path of the frames is empty, expected {expected}')
    path = Path(path)
    try:
        if path.is_dir():
            return ImageDirectoryReader(path)
        if not path.exists():
            raise InputError(f'{path}: is missing, expected {expected}')
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}), expected {expected}'
        ) from None
    return VideoFileReader(path)
