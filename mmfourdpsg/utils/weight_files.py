"""Files of weights: how they are written, read, found in a config and recognised."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .atomic_write import atomic_write
from .config_paths import find_path, name_in_checkout, search_folders
from .input_error import InputError

SUFFIXES = ('.safetensors', '.pth', '.pt', '.bin', '.gguf')
# Official weights have gigabytes: what lies beyond is told by the size alone.
BEGINNING = 64 * 2**20


def save_weights(
    path: str | Path,
    state: Mapping[str, Tensor],
    metadata: Mapping[str, str] | None = None,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write weights as ``safetensors``, whole or not at all.

    Args:
        path: The file.
        state: Weights by name. Numbers with a fraction are stored as ``dtype``.
        metadata: What is to be known of them, as text.
        dtype: Type of the stored weights.

    Raises:
        InputError: The file cannot be written.
    """
    state = {
        key: (value.to(dtype) if value.is_floating_point() else value)
        .detach()
        .cpu()
        .clone(memory_format=torch.contiguous_format)
        for key, value in state.items()
    }
    with atomic_write(path) as temporary:
        save_file(state, temporary, dict(metadata or {}))


def load_weights(path: str | Path) -> dict[str, Tensor]:
    """Read the weights of a ``safetensors`` file, in single precision.

    Raises:
        InputError: The file is missing or damaged.
    """
    with _opened(path) as file:
        state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    return {
        key: value.float() if value.is_floating_point() else value
        for key, value in state.items()
    }


def load_metadata(path: str | Path) -> dict[str, str]:
    """Read the metadata of a ``safetensors`` file: what it says of its weights.

    Raises:
        InputError: The file is missing or damaged.
    """
    with _opened(path) as file:
        return dict(file.metadata() or {})


def weight_names(path: str | Path) -> list[str]:
    """Return the names of the weights of a ``safetensors`` file, from its header alone.

    Raises:
        InputError: The file is missing or damaged.
    """
    with _opened(path) as file:
        return list(file.keys())


def weight_files(config: object) -> dict[str, str]:
    """Return the files of weights that a config names, in folders too.

    Args:
        config: A config, or part of one, of mappings, lists and plain values.

    Returns:
        dict[str, str]: Path as the config has it, below this package's checkout
        relative to that -> digest of size and beginning. Files that are not there are
        left out.
    """
    files = {name_in_checkout(path): Path(path) for path in _paths(config)}
    return {name: _digest(files[name]) for name in sorted(files)}


def check_weight_files(recorded: Mapping[str, str], checkpoint: str | Path) -> None:
    """Make sure that the weights which a checkpoint leaves out have not changed.

    Args:
        recorded: What :func:`weight_files` gave in its training.
        checkpoint: The checkpoint's file, for the message.

    Raises:
        InputError: A file has changed since. One that is not there does not count.
    """
    for name, digest in recorded.items():
        path = find_path(name, search_folders())
        if os.path.isfile(path) and _digest(Path(path)) != digest:
            raise InputError(
                f'{checkpoint}: was trained beside other weights than {path} holds, '
                'expected those, since the checkpoint leaves out what is frozen'
            )


def _opened(path: str | Path) -> safe_open:
    if not Path(path).is_file():
        raise InputError(f'{path}: no such file, expected weights (.safetensors)')
    try:
        return safe_open(path, framework='pt')
    except (SafetensorError, OSError) as error:
        raise InputError(
            f'{path}: cannot be read as safetensors ({error!s:.200})'
        ) from None


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _paths(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _paths(item)
    # Unlike pathlib's, these two take a prompt for what it is: no path.
    elif isinstance(value, str) and os.path.isfile(value):
        if value.endswith(SUFFIXES):
            yield value
    elif isinstance(value, str) and '/' in value and os.path.isdir(value):
        for item in Path(value).rglob('*'):
            if item.suffix in SUFFIXES:
                yield str(item)


def _digest(path: Path) -> str:
    with path.open('rb') as file:
        content = hashlib.sha256(file.read(BEGINNING))
    content.update(str(path.stat().st_size).encode())
    return content.hexdigest()[:16]
