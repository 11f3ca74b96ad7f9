"""Checks that results can be written, before the work."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from .input_error import InputError


def check_output_file(path: str | Path | None) -> None:
    """Make sure that a file can be written, and leave nothing there.

    Args:
        path: The file; it and its parents need not be there yet. None is none.

    Raises:
        InputError: A folder has its name, a file that of a parent, or nothing can be
            written there.
    """
    if path is None:
        return
    if not str(path):
        raise InputError('the path of the file for the results is empty')
    check_output_folder(Path(path).parent, [Path(path).name])


def check_output_folder(folder: str | Path | None, files: Iterable[str] = ()) -> None:
    """Make sure that files can be written into a folder, and leave nothing there.

    Args:
        folder: The folder; it and its parents need not be there yet. None is none.
        files: Names of the files.

    Raises:
        InputError: A file is in its way or in that of a parent, a folder has the name
            of one of the files, or nothing can be written there.
    """
    if folder is None:
        return
    if not str(folder):
        raise InputError('the path of the folder for the results is empty')
    folder = Path(folder)
    for name in files:
        if _is_there(folder / name) and (folder / name).is_dir():
            raise InputError(f'{folder / name}: is a folder, expected a file to write')
    missing = []
    while not _is_there(folder):
        missing.append(folder.name)
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f'{folder}: is a file, expected a folder for the results')
    try:
        with tempfile.TemporaryDirectory(prefix='.try-', dir=folder) as trial:
            for name in missing:
                Path(trial, name).mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(
            f'{folder}: cannot be written to ({error.strerror}), expected a folder for '
            'the results'
        ) from None


def _is_there(path: Path) -> bool:
    """Return whether something has this name, be it a link that leads nowhere."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise InputError(f'{path}: cannot be written ({error.strerror})') from None
    return True
