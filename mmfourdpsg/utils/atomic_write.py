"""Atomic writing: files that are either whole or not there."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .input_error import InputError


@contextmanager
def atomic_write(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path that becomes ``path`` when the block succeeds.

    The temporary file lies in the same folder and keeps the suffix, so that
    libraries which choose a format by it still do. If the block raises, the
    temporary file is removed and ``path`` stays as it was.

    Args:
        path: Where the finished file shall be. Parent folders are made.

    Yields:
        The path to write to.

    Raises:
        InputError: The file cannot be made there.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f'{path}: is a folder, expected a file to write')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        name = f'.{path.stem[:40]}-{secrets.token_hex(6)}{path.suffix}'
        temporary = path.parent / name
        # Made here, it is as readable as any other file: umask applies.
        temporary.touch(0o666, exist_ok=False)
    except OSError as error:
        raise InputError(f'{path}: cannot be written ({error.strerror})') from None
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
