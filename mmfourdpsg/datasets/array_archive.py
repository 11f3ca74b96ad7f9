"""Reader of the arrays of an HDF5 file."""

from pathlib import Path

import numpy as np

from mmfourdpsg.utils import InputError

from .annotation_file import AnnotationFile

MAX_BYTES = 2**31


class ArrayArchive(AnnotationFile):
    """Reads whole numbers from an HDF5 file that may come from anywhere.

    Links to other files, and arrays whose declared size is beyond 2 GiB, are refused.

    Args:
        path: The file.

    Raises:
        InputError: ``h5py`` is not installed, or the file is missing or no HDF5.
    """

    def __init__(self, path: str | Path) -> None:
        try:
            import h5py
        except ImportError:
            raise InputError(
                f'{path}: needs h5py, expected "pip install mmfourdpsg[vg]" before'
            ) from None
        self.path = Path(path)
        self._h5py = h5py
        try:
            self._file = h5py.File(self.path, 'r')
        except OSError as error:
            reason = (
                'is missing' if not self.path.is_file() else f'is damaged ({error})'
            )
            raise InputError(f'{self.path}: {reason}, expected an HDF5 file') from None

    def read(self, key: str, length: int | None = None) -> np.ndarray:
        """Return an array of whole numbers.

        Args:
            key: Its name.
            length: How many rows it should have; None accepts any number.

        Raises:
            InputError: It is missing, is none, lies in another file, is too large or
                of another length.
        """
        link = self._file.get(key, getlink=True)
        if link is None:
            self.fail(key, f'is missing, expected an array; found {list(self._file)}')
        item = self._file[key] if isinstance(link, self._h5py.HardLink) else None
        if not isinstance(item, self._h5py.Dataset) or item.external or item.is_virtual:
            self.fail(key, 'lies in another file or is no array, expected an array')
        if item.dtype.kind not in 'iu' or item.nbytes > MAX_BYTES:
            self.fail(
                key,
                f'holds {item.dtype} of shape {list(item.shape)}, expected whole '
                f'numbers of at most {MAX_BYTES} bytes',
            )
        if length is not None and item.shape[:1] != (length,):
            self.fail(key, f'has the shape {list(item.shape)}, expected {length} rows')
        try:
            return item[()].astype(np.int64)
        except OSError as error:
            self.fail(key, f'is damaged ({error})')
