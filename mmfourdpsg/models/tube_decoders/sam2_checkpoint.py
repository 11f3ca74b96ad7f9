"""Strict loading of SAM2's weights."""

import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import load_weights


def load_sam2_checkpoint(module: nn.Module, path: str | Path) -> None:
    """Load an official checkpoint, all of it or nothing.

    Args:
        module: SAM2 with the official names of its weights.
        path: A file such as ``sam2.1_hiera_large.pt``, weights under ``model``, or
            weights by name in a ``safetensors`` file.

    Raises:
        InputError: The file is missing or unreadable, lacks a weight, has one too
            many, or has one of another shape.
    """
    where = f'SAM2 checkpoint {path}'
    state = _read(Path(path), where)
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    missing = sorted(expected.keys() - state.keys())
    if missing:
        raise InputError(
            f'{where}: {len(missing)} of {len(expected)} weights are missing, such as '
            f'{missing[0]} (expected shape {expected[missing[0]]})'
        )
    unexpected = sorted(state.keys() - expected.keys())
    if unexpected:
        raise InputError(
            f'{where}: {len(unexpected)} weights are not expected, such as '
            f'{unexpected[0]}; expected exactly the {len(expected)} weights of the '
            'configured model'
        )
    for key, shape in expected.items():
        if tuple(state[key].shape) != shape:
            raise InputError(
                f'{where}: {key} has shape {tuple(state[key].shape)}, expected {shape} '
                'by the configured model'
            )
    module.load_state_dict(state, strict=True)


def _read(path: Path, where: str) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError(
            f'{where} does not exist; expected a file such as sam2.1_hiera_large.pt'
        )
    if path.suffix == '.safetensors':
        return load_weights(path)
    try:
        state = torch.load(path, map_location='cpu', weights_only=True)
    except (RuntimeError, EOFError, ValueError, OSError, pickle.UnpicklingError) as e:
        raise InputError(
            f'{where} cannot be read ({type(e).__name__}); expected a torch file that '
            'holds weights only'
        ) from e
    state = state.get('model') if isinstance(state, dict) else None
    if not isinstance(state, dict) or not all(
        isinstance(value, Tensor) for value in state.values()
    ):
        raise InputError(f"{where} has no weights by name under the key 'model'")
    return state
