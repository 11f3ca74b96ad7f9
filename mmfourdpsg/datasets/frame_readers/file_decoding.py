"""Decoders of single image and array files, with errors that name the file.

Everything is opened by Python and decoded by Pillow and NumPy, since OpenCV returns
half an image for a truncated file. Images are upright: EXIF is heeded.
"""

import io
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from mmfourdpsg.utils import InputError

from .depth_units import to_metres

_DECODING_ERRORS = (
    EOFError,
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    Image.DecompressionBombError,
)

# What a camera's EXIF tells of how it was held -> what makes the image upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class MissingFileError(InputError):
    """A file that should be there is not."""


def read_bytes(path: str | Path, expected: str = 'a file') -> bytes:
    """Return a file's content.

    Args:
        path: The file.
        expected: What should be there, for the message.

    Raises:
        MissingFileError: There is no such file.
        InputError: It cannot be read, or is empty.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        problem = _absence(path)
        raise MissingFileError(f'{path}: {problem}, expected {expected}') from None
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}), expected {expected}'
        ) from None
    if not content:
        raise InputError(f'{path}: is an empty file, expected {expected}')
    return content


def _absence(path: Path) -> str:
    if not path.parent.is_dir():
        return 'is missing, as is its directory'
    if not any(path.parent.iterdir()):
        return 'is missing, its directory is empty'
    return 'is missing'


def _open_image(path: str | Path, expected: str) -> Image.Image:
    content = read_bytes(path, expected)
    with warnings.catch_warnings():
        # EXIF has oddities that are nobody's concern here.
        warnings.filterwarnings('ignore', module=r'PIL\.TiffImagePlugin')
        try:
            image = Image.open(io.BytesIO(content))
            image.load()
        except _DECODING_ERRORS as error:
            reason = 'no image' if 'cannot identify' in str(error) else error
            raise InputError(
                f'{path}: is truncated or damaged ({reason}), expected {expected}'
            ) from None
        turn = _UPRIGHT.get(_orientation(image))
    # Depth and masks are turned as the RGB frames are, so they stay aligned.
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """Return the orientation that EXIF tells; 1, upright, where it cannot be read."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except (*_DECODING_ERRORS, TypeError, AssertionError, OverflowError):
        return 1


def decode_rgb_image(path: str | Path) -> np.ndarray:
    """Read a colour image.

    Args:
        path: JPEG, PNG, BMP or another format of Pillow.

    Returns:
        uint8 ``[H, W, 3]``, RGB.

    Raises:
        InputError: The file is missing, truncated or no image of 8 bits a channel.
    """
    image = _open_image(path, 'an RGB image')
    if image.mode.startswith(('I', 'F')):
        raise InputError(
            f'{path}: has pixels of mode {image.mode}, expected an RGB image of 8 bits '
            'a channel'
        )
    return np.asarray(image.convert('RGB'))


def decode_index_image(path: str | Path) -> np.ndarray:
    """Read an image of one channel as whole numbers.

    Args:
        path: Palette image, of which the indices are taken, or grey one of 8 or 16
            bits.

    Returns:
        Whole numbers ``[H, W]``.

    Raises:
        InputError: The file is missing, truncated or of more than one channel.
    """
    expected = 'an image of one channel of whole numbers'
    image = _open_image(path, expected)
    if image.mode not in ('P', 'L') and not image.mode.startswith('I'):
        raise InputError(
            f'{path}: has pixels of mode {image.mode}, expected {expected}'
        )
    return np.asarray(image)


def decode_depth_image(path: str | Path, scale: float | None = None) -> np.ndarray:
    """Read a depth image of 16 bits or of floats.

    Args:
        path: Single-channel image of more than 8 bits a pixel, 0 = unknown.
        scale: Stored units a metre; None as for :func:`to_metres`.

    Returns:
        float32 ``[H, W]`` in metres, 0 = unknown.

    Raises:
        InputError: The file is missing, truncated or no such image.
    """
    expected = 'a depth image of one channel of 16 bits'
    image = _open_image(path, expected)
    if not image.mode.startswith(('I', 'F')):
        raise InputError(
            f'{path}: has pixels of mode {image.mode}, expected {expected} (a coloured '
            'or 8-bit image of depth holds no distances)'
        )
    return to_metres(np.asarray(image), scale)


def load_array(path: str | Path, expected: str = 'a .npy array') -> np.ndarray:
    """Read a ``.npy`` file, never unpickling.

    Raises:
        InputError: The file is missing, truncated, or holds Python objects.
    """
    content = read_bytes(path, expected)
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except _DECODING_ERRORS as error:
        raise InputError(
            f'{path}: is truncated or no array file ({error!s:.120}), '
            f'expected {expected}'
        ) from None
    if not isinstance(array, np.ndarray):
        raise InputError(f'{path}: is an archive, expected {expected}')
    return array


def load_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Read all arrays of a ``.npz`` file, never unpickling.

    Raises:
        InputError: The file is missing, truncated, or holds Python objects.
    """
    content = read_bytes(path, 'a .npz archive of arrays')
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (*_DECODING_ERRORS, AttributeError, TypeError) as error:
        raise InputError(
            f'{path}: is truncated or no archive of arrays ({error!s:.120}), expected '
            'a .npz archive of arrays'
        ) from None
