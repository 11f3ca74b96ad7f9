"""Opens a user's RGB input, video file or directory, with the right reader."""

from pathlib import Path

from mmfourdpsg.utils import InputError

from .file_decoding import decode_rgb_image
from .file_sequence_reader import FileSequenceReader
from .image_directory_reader import IMAGE_SUFFIXES, ImageDirectoryReader
from .video_file_reader import VideoFileReader


def open_frames(path: str | Path) -> FileSequenceReader | VideoFileReader:
    """Open a directory of images, a video file or a single image.

    Args:
        path: The directory or file.

    Returns:
        Lazy sequence of uint8 ``[H, W, 3]`` RGB frames, with ``fps`` (None for
        images) and ``size`` (height, width).

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
    if path.suffix.lower() in IMAGE_SUFFIXES:
        # FFmpeg would take it for a video, whatever its pixels.
        return FileSequenceReader([path], decode_rgb_image)
    return VideoFileReader(path)
