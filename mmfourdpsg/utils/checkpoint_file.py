"""Checkpoint files, read without running anything that they hold."""

import collections
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .input_error import InputError
from .weight_files import load_metadata, load_weights, weight_names

# What stands in a checkpoint's meta information besides tensors and builtins.
ALLOWED_TYPES = [
    collections.defaultdict,
    collections.OrderedDict,
    np.ndarray,
    np.dtype,
    np._core.multiarray.scalar,
    np._core.multiarray._reconstruct,
    *(type(np.dtype(code)) for code in ('f4', 'f8', 'i4', 'i8', 'u4', '?', 'O')),
]


def load_checkpoint_file(
    path: str | Path, map_location: str | torch.device = 'cpu'
) -> dict[str, Any]:
    """Load a checkpoint file with an allow-list of types.

    Args:
        path: A file that ``torch.save`` wrote, or weights (``.safetensors``).
        map_location: Device for its tensors.

    Returns:
        The checkpoint; a bare state dict is returned as ``{'state_dict': ...}``.

    Raises:
        InputError: The file is missing, damaged, or holds other types than tensors
            and plain values.
    """
    path = _existing(path)
    if path.suffix == '.safetensors':
        weights = load_weights(path)
        return dict(
            state_dict={k: v.to(map_location) for k, v in weights.items()},
            weight_files=json.loads(load_metadata(path).get('weight_files', '{}')),
        )
    return _load(path, map_location)


def read_weight_names(path: str | Path) -> list[str]:
    """Return the names of a checkpoint's weights, and leave the weights on disk.

    That the file is whole is known then: a truncated one lacks the list of what it
    holds (``torch.save``) or is shorter than its header says (``.safetensors``).

    Args:
        path: As :func:`load_checkpoint_file` takes it.

    Raises:
        InputError: As :func:`load_checkpoint_file` has it.
    """
    path = _existing(path)
    if path.suffix == '.safetensors':
        return weight_names(path)
    # What torch wrote before it wrote zip files can only be read as a whole.
    return list(_load(path, 'cpu', mmap=zipfile.is_zipfile(path))['state_dict'])


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise InputError(f'{path}: no such checkpoint file')
    return path


def _load(
    path: Path, map_location: str | torch.device, mmap: bool = False
) -> dict[str, Any]:
    try:
        with torch.serialization.safe_globals(ALLOWED_TYPES):
            checkpoint = torch.load(
                path, map_location=map_location, weights_only=True, mmap=mmap
            )
    except pickle.UnpicklingError as error:
        reason = str(error).split('Unsupported ')[-1].split('\n')[0]
        raise InputError(
            f'{path}: is no checkpoint of tensors and plain values alone, so it is not '
            f'loaded ({reason:.200})'
        ) from None
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(
            f'{path}: cannot be read as a checkpoint ({error!s:.200})'
        ) from None
    if not isinstance(checkpoint, dict):
        raise InputError(
            f'{path}: holds a {type(checkpoint).__name__}, expected a checkpoint'
        )
    if 'state_dict' not in checkpoint:
        checkpoint = dict(state_dict=checkpoint)
    return checkpoint


def load_part(module: torch.nn.Module, path: str | Path, prefix: str) -> None:
    """Load a module from those weights of a file that it owns.

    Args:
        module: The module.
        path: A checkpoint or weights (``.safetensors``).
        prefix: What the names of its weights begin with there.

    Raises:
        InputError: The file is missing, or its weights are not the module's.
    """
    state = {
        key.removeprefix(prefix): value
        for key, value in load_checkpoint_file(path)['state_dict'].items()
        if key.startswith(prefix)
    }
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(
            f'{path}: weights {prefix}* are not those of the config '
            f'({" ".join(str(error).split())!s:.300})'
        ) from None
