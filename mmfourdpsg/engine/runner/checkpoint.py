"""Checkpoints, read without running anything that they hold."""

import collections
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_file import load_weights

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
    path = Path(path)
    if not path.is_file():
        raise InputError(f'{path}: no such checkpoint file')
    if path.suffix == '.safetensors':
        weights = load_weights(path)
        return dict(state_dict={k: v.to(map_location) for k, v in weights.items()})
    try:
        with torch.serialization.safe_globals(ALLOWED_TYPES):
            checkpoint = torch.load(path, map_location=map_location, weights_only=True)
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


def check_state_dict(
    state: dict[str, torch.Tensor], model: torch.nn.Module, path: str | Path
) -> None:
    """Make sure that a state dict belongs to a model.

    What the model itself would save must be there, with its shapes, and nothing else.

    Args:
        state: The checkpoint's weights.
        model: The model they are for.
        path: The checkpoint's file, for the message.

    Raises:
        InputError: Weights are missing, unknown or of another shape.
    """
    expected = model.state_dict()
    everything = set(expected) | {
        name for name, _ in model.named_parameters(remove_duplicate=False)
    }
    missing = sorted(set(expected) - set(state))
    unknown = sorted(set(state) - everything)
    other = [
        f'{key} is {list(state[key].shape)}, expected {list(expected[key].shape)}'
        for key in expected
        if key in state and state[key].shape != expected[key].shape
    ]
    if missing or unknown or other:
        examples = [f'{key} is missing' for key in missing[:2]]
        examples += [f'{key} is unknown' for key in unknown[:2]]
        raise InputError(
            f'{path}: is a checkpoint of another model: {len(missing)} weights are '
            f'missing, {len(unknown)} unknown, {len(other)} of another shape, expected '
            f'the {len(expected)} of {type(model).__name__} as configured '
            f'({"; ".join(examples + other[:2])})'
        )
