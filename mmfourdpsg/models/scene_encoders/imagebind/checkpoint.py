"""Strict loading of one modality of an ImageBind checkpoint."""

import pickle
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import load_weights

PARTS = ('modality_preprocessors', 'modality_trunks', 'modality_heads')


def load_imagebind_checkpoint(
    module: nn.Module, modality: str, path: str | Path
) -> None:
    """Load the weights of one modality, all of them or none.

    Keys of other modalities in the file are passed over, and so is the projection
    of this modality's head into the joint space, which patch features do not use.
    Any other difference between file and module is an error. Weights of any
    floating-point type are cast to the module's.

    Args:
        module: Encoder whose state-dict keys are the official ones.
        modality: ``'vision'`` or ``'depth'``.
        path: The official ``imagebind_huge.pth``, or any file of the same form,
            plain or under the key ``state_dict``; or a ``.safetensors`` file with the
            same keys.

    Raises:
        InputError: If the file is missing or unreadable, lacks a weight, has one
            too many, or has one of another shape or of no floating-point type.
    """
    state = select_modality(_read(Path(path)), modality)
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    where = f'ImageBind checkpoint {path}'
    missing = sorted(expected.keys() - state.keys())
    if missing:
        raise InputError(
            f'{where}: {len(missing)} of {len(expected)} weights of the {modality} '
            f'modality are missing, such as {missing[0]} (expected shape '
            f'{expected[missing[0]]}); {_other_modalities(state)}'
        )
    unexpected = sorted(state.keys() - expected.keys())
    if unexpected:
        raise InputError(
            f'{where}: {len(unexpected)} weights of the {modality} modality are not '
            f'expected, such as {unexpected[0]}; expected exactly the '
            f'{len(expected)} weights of the configured encoder'
        )
    for key, shape in expected.items():
        found = tuple(state[key].shape)
        if found != shape:
            raise InputError(
                f'{where}: {key} has shape {found}, expected {shape} by the '
                f'configured {modality} encoder'
            )
        if not state[key].is_floating_point():
            raise InputError(
                f'{where}: {key} has type {state[key].dtype}, expected a '
                'floating-point type'
            )
    module.load_state_dict(state, strict=True)


def select_modality(state: dict[str, Tensor], modality: str) -> dict[str, Tensor]:
    """Keep what belongs to the patch features of one modality.

    Args:
        state: A whole checkpoint's weights by official key.
        modality: ``'vision'`` or ``'depth'``.

    Returns:
        dict[str, Tensor]: Preprocessor, trunk and the head's LayerNorm.
    """
    prefixes = tuple(f'{part}.{modality}.' for part in PARTS)
    # heads.<modality>.2 projects CLS into the joint space.
    projection = f'modality_heads.{modality}.2.weight'
    return {
        key: value
        for key, value in state.items()
        if key.startswith(prefixes) and key != projection
    }


def _other_modalities(state: dict[str, Tensor]) -> str:
    if state:
        return f'the file has {len(state)} weights of that modality'
    return (
        'the file has none of that modality; expected an ImageBind checkpoint such '
        'as imagebind_huge.pth'
    )


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError(
            f'ImageBind checkpoint {path} does not exist; expected a file such as '
            'imagebind_huge.pth'
        )
    if path.suffix == '.safetensors':
        return load_weights(path)
    try:
        # Mapped, so that one modality does not read all 4.5 GB.
        state = torch.load(
            path,
            map_location='cpu',
            weights_only=True,
            mmap=zipfile.is_zipfile(path),
        )
    except (RuntimeError, EOFError, ValueError, OSError, pickle.UnpicklingError) as e:
        raise InputError(
            f'ImageBind checkpoint {path} cannot be read '
            f'({type(e).__name__}); expected a torch file that holds weights only'
        ) from e
    if isinstance(state, dict) and isinstance(state.get('state_dict'), dict):
        state = state['state_dict']
    if not isinstance(state, dict) or not all(
        isinstance(value, Tensor) for value in state.values()
    ):
        raise InputError(
            f'ImageBind checkpoint {path} holds {type(state).__name__}, expected a '
            'dict of weights by name'
        )
    return state
