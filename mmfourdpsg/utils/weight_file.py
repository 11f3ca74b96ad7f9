"""Weights in files that hold tensors and text alone."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .atomic_write import atomic_write
from .input_error import InputError


def save_weights(
    path: str | Path,
    state: Mapping[str, Tensor],
    facts: Mapping[str, str] | None = None,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write weights as ``safetensors``, whole or not at all.

    Args:
        path: The file.
        state: Weights by name. Numbers with a fraction are stored as ``dtype``.
        facts: What is to be known of them, as text.
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
        save_file(state, temporary, dict(facts or {}))


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


def load_facts(path: str | Path) -> dict[str, str]:
    """Read what a ``safetensors`` file says of its weights.

    Raises:
        InputError: The file is missing or damaged.
    """
    with _opened(path) as file:
        return dict(file.metadata() or {})


def _opened(path: str | Path) -> safe_open:
    if not Path(path).is_file():
        raise InputError(f'{path}: no such file, expected weights (.safetensors)')
    try:
        return safe_open(path, framework='pt')
    except (SafetensorError, OSError) as error:
        raise InputError(
            f'{path}: cannot be read as safetensors ({error!s:.200})'
        ) from None
