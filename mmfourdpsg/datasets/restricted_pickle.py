"""Reader of pickled annotations that runs no code in them."""

import io
import pickle
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from mmfourdpsg.utils import InputError

from .frame_readers.file_decoding import read_bytes


class _NamedOnly:
    """Stands for numpy.ndarray, which a pickle may name but not call."""

    def __new__(cls, *args: Any) -> NoReturn:
        raise pickle.UnpicklingError('calls numpy.ndarray')


def _empty_array(*args: Any) -> np.ndarray:
    # What pickles pass is always an empty array, filled by its state afterwards.
    return np.ndarray.__new__(np.ndarray, (0,), 'b')


def _array(content: bytes, dtype: np.dtype, shape: tuple, order: str) -> np.ndarray:
    return np.frombuffer(content, dtype=dtype).reshape(shape, order=order)


def _scalar(dtype: np.dtype, content: bytes = b'') -> Any:
    return np.frombuffer(content, dtype=dtype, count=1)[0]


def _bytes(text: str, encoding: str) -> bytes:
    return str(text).encode(str(encoding))


def _no_bytes() -> bytes:
    return b''


def _byte_array(content: bytes = b'') -> bytearray:
    # A number would ask for as many bytes.
    return bytearray(memoryview(content))


# What pickles of containers, numbers and arrays name, in any protocol.
_HARMLESS = {
    ('builtins', 'set'): set,
    ('builtins', 'frozenset'): frozenset,
    ('builtins', 'bytearray'): _byte_array,
    ('builtins', 'bytes'): _no_bytes,
    ('_codecs', 'encode'): _bytes,
    ('numpy', 'dtype'): np.dtype,
    ('numpy', 'ndarray'): _NamedOnly,
    ('multiarray', '_reconstruct'): _empty_array,
    ('multiarray', 'scalar'): _scalar,
    ('numeric', '_frombuffer'): _array,
}
_MODULES = {
    '__builtin__': 'builtins',
    'numpy.core.multiarray': 'multiarray',
    'numpy._core.multiarray': 'multiarray',
    'numpy.core.numeric': 'numeric',
    'numpy._core.numeric': 'numeric',
}


class RestrictedUnpickler(pickle.Unpickler):
    """Unpickles containers, numbers, texts and NumPy arrays, and refuses the rest."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what a pickle names, if it is harmless.

        Raises:
            pickle.UnpicklingError: It is not on the list.
        """
        key = _MODULES.get(module, module), name
        if key not in _HARMLESS:
            raise pickle.UnpicklingError(f'names {module}.{name}')
        return _HARMLESS[key]


def load_pickle(path: str | Path) -> Any:
    """Return what a pickle holds: containers, numbers, texts and NumPy arrays.

    Raises:
        InputError: The file is missing or damaged, or names anything else, which is
            then not run.
    """
    content = read_bytes(path, 'a pickle')
    try:
        return RestrictedUnpickler(io.BytesIO(content)).load()
    except Exception as error:
        # A damaged pickle may raise anything.
        raise InputError(
            f'{path}: is damaged or unsafe ({error!s:.120}), expected a pickle of '
            'containers, numbers, texts and arrays'
        ) from None
