"""Checks that a state dict fits a model, and parts that a checkpoint fills."""

from collections.abc import Iterable
from pathlib import Path

import torch

from mmfourdpsg.utils import InputError


def check_state_dict(
    state: dict[str, torch.Tensor],
    model: torch.nn.Module,
    path: str | Path,
    whole_parts: bool = False,
) -> tuple[list[str], list[str]]:
    """Make sure that a state dict belongs to a model.

    What the model itself would save must be there, with its shapes, and nothing else.

    Args:
        state: The checkpoint's weights.
        model: The model they are for.
        path: The checkpoint's file, for the message.
        whole_parts: Whether one side may lack parts of the other, children of the model
            such as ``scene_transcender``, as long as it lacks all of their weights.

    Returns:
        tuple[list[str], list[str]]: Parts that the checkpoint lacks, and parts that the
        model lacks.

    Raises:
        InputError: Weights are missing, unknown or of another shape, or there is
            nothing in common.
    """
    expected = model.state_dict()
    everything = set(expected) | {
        name for name, _ in model.named_parameters(remove_duplicate=False)
    }
    lacking: tuple[list[str], list[str]] = [], []
    if whole_parts and set(state) & everything:
        lacking = (
            sorted(_parts(expected) - _parts(state)),
            sorted(_parts(state) - _parts(everything)),
        )
    missing = sorted(
        key for key in set(expected) - set(state) if _part(key) not in lacking[0]
    )
    unknown = sorted(
        key for key in set(state) - everything if _part(key) not in lacking[1]
    )
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
    return lacking


def take_held_parts_for_initialised(
    state: dict[str, torch.Tensor], model: torch.nn.Module
) -> list[str]:
    """Have ``init_weights`` pass over what a checkpoint will fill anyway.

    The files that such a part would begin with need not be there then, such as those of
    step 2 for a checkpoint of step 3.

    Args:
        state: The checkpoint's weights.
        model: The model they are for, not yet initialised.

    Returns:
        list[str]: Children of the model of which the checkpoint holds all weights.
    """
    held = []
    for name, child in model.named_children():
        keys = {f'{name}.{key}' for key, _ in child.named_parameters()}
        keys |= {f'{name}.{key}' for key in child.state_dict()}
        if keys and keys <= set(state) and hasattr(child, 'is_init'):
            child.is_init = True
            held.append(name)
    return held


def _part(key: str) -> str:
    return key.partition('.')[0]


def _parts(keys: Iterable[str]) -> set[str]:
    return {_part(key) for key in keys}
