"""Reader of a directory of RGB frames."""

from collections.abc import Sequence
from pathlib import Path

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .file_decoding import decode_rgb_image
from .file_sequence_reader import FileSequenceReader
from .frame_names import natural_key

IMAGE_SUFFIXES = ('.bmp', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp')


def list_files(directory: str | Path, suffixes: Sequence[str]) -> list[Path]:
    """List a directory's files of some kinds in natural order.

    Args:
        directory: The directory.
        suffixes: Lower-case endings of the files that count.

    Returns:
        The files; hidden ones are left out.

    Raises:
        InputError: There is no such directory, or none of its files counts.
    """
    directory = Path(directory)
    expected = f'files ending in {", ".join(suffixes)}'
    try:
        if not directory.is_dir():
            raise InputError(
                f'{directory}: is no directory, expected one with {expected}'
            )
        entries = [path for path in directory.iterdir() if path.name[0] != '.']
    except OSError as error:
        raise InputError(
            f'{directory}: cannot be read ({error.strerror}), expected a directory '
            f'with {expected}'
        ) from None
    paths = [path for path in entries if path.suffix.lower() in suffixes]
    if not paths:
        found = f'holds none among {len(entries)} entries' if entries else 'is empty'
        raise InputError(f'{directory}: {found}, expected {expected}')
    return sorted(paths, key=natural_key)


@TASK_UTILS.register_module()
class ImageDirectoryReader(FileSequenceReader):
    """All images of a directory as frames, in natural order (2 before 10).

    Items are uint8 ``[H, W, 3]`` RGB.

    Args:
        path: The directory.
        num_frames: How many there should be; None accepts any number.
        suffixes: Endings of the files that are frames.

    Raises:
        InputError: The directory is missing, holds no image or not as many as there
            should be; on reading, an image is truncated or of another size than the
            others.
    """

    def __init__(
        self,
        path: str | Path,
        num_frames: int | None = None,
        suffixes: Sequence[str] = IMAGE_SUFFIXES,
    ) -> None:
        super().__init__(list_files(path, suffixes), decode_rgb_image)
        self.expect_length(path, num_frames)
