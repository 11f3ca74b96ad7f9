"""Look-up of files and folders that a config names, from any working folder."""

import os
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
# What a run writes goes below the current folder.
WRITTEN = ('work_dir', 'out_dir', 'save_dir', 'outfile', 'folder')
# What a data set looks up below its own root.
BELOW_ROOT = ('ann_file', 'data_prefix')


def search_folders(config_file: str | Path | None = None) -> list[Path]:
    """Return where relative paths are looked up that the current folder does not have.

    Args:
        config_file: The config that names them: the folder that holds its ``configs``
            comes first. The checkout of this package comes last.
    """
    folders = []
    if config_file is not None:
        # A link to a config, or to all of them, is of two checkouts.
        for file in (Path(os.path.abspath(config_file)), Path(config_file).resolve()):
            folders += [up.parent for up in file.parents if up.name == 'configs'][:1]
    return list(dict.fromkeys([*folders, CHECKOUT]))


def find_path(path: str, folders: Sequence[Path]) -> str:
    """Return a path as it is, or below the first of some folders where it is there.

    Args:
        path: Absolute, or relative to the current folder or to one of ``folders``.
        folders: See :func:`search_folders`.
    """
    if not os.path.exists(path):
        for folder in folders:
            found = os.path.join(folder, path)
            if os.path.exists(found):
                return found
    return path


def find_paths(value: Any, folders: Sequence[Path]) -> Any:
    """Look up all paths that a config names.

    What is written stays relative to the current folder, and what lies below a
    ``data_root`` relative to that.

    Args:
        value: A config, or part of one; mappings and lists are changed in place.
        folders: See :func:`search_folders`.

    Returns:
        The value, with paths that are there.
    """
    if isinstance(value, MutableMapping):
        kept = WRITTEN + (BELOW_ROOT if value.get('data_root') else ())
        for key in [key for key in value if key not in kept]:
            value[key] = find_paths(value[key], folders)
    elif isinstance(value, list):
        value[:] = [find_paths(item, folders) for item in value]
    elif isinstance(value, tuple):
        value = tuple(find_paths(item, folders) for item in value)
    elif isinstance(value, str) and '/' in value:
        value = find_path(value, folders)
    return value


def name_in_checkout(path: str | Path) -> str:
    """Return a path below this package's checkout relative to it, any other as it is.

    It names the file alike in whatever folder it was found.
    """
    path = Path(path)
    if path.is_relative_to(CHECKOUT):
        path = path.relative_to(CHECKOUT)
    return str(path)
