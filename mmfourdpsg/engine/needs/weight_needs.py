"""Needs of weights: files that a config begins with and that are not there."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmfourdpsg.models.language_models.model_source import missing_language_model
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.checkpoint_file import read_weight_names
from mmfourdpsg.utils.config_paths import CHECKOUT, name_in_checkout
from mmfourdpsg.utils.weight_files import SUFFIXES

from ..registered import registered
from .need import Need

PUBLISHED = {
    'imagebind_huge.pth': 'https://dl.fbaipublicfiles.com/imagebind/imagebind_huge.pth',
    'resnet101_v1c-e67eebb6.pth': 'https://download.openmmlab.com/pretrain/'
    'third_party/resnet101_v1c-e67eebb6.pth',
    'sam2.1_hiera_large.pt': 'https://dl.fbaipublicfiles.com/segment_anything_2/092824/'
    'sam2.1_hiera_large.pt',
}


def weight_needs(config: Mapping, checkpoint: str | None) -> Iterator[Need]:
    """Yield a need for each file of weights and each language model.

    Args:
        config: The config of a run.
        checkpoint: What the run loads into the whole model; None loads nothing.
    """
    if checkpoint and not os.path.exists(checkpoint):
        yield Need(checkpoint, 'no such checkpoint file', weight_source(checkpoint))
        checkpoint = None
    model = config.get('model') or {}
    files: dict[str, set[str]] = {}
    for places, value in _walk(model):
        if isinstance(value, Mapping) and 'name_or_path' in value:
            name = value['name_or_path']
            problem = missing_language_model(
                name, value.get('gguf_file'), value.get('pretrained', True)
            )
            if problem:
                yield Need(f'language model {name}', *problem)
        elif (
            isinstance(value, str)
            and value.endswith(SUFFIXES)
            and not os.path.exists(value)
        ):
            files.setdefault(value, set()).add(places[0])
    if files and checkpoint:
        held = _held_parts(model, checkpoint)
        files = {path: parts for path, parts in files.items() if parts - held}
    for path in files:
        yield Need(path, 'no such file of weights', weight_source(path))


def weight_source(path: str) -> str:
    """Return where to get a file of weights, or the command that makes it."""
    places = Path(name_in_checkout(path)).parts
    if places[-1] in PUBLISHED:
        return PUBLISHED[places[-1]]
    if places[0] == 'checkpoints':
        return 'comes with the repository'
    if places[:2] == ('work_dirs', 'foundation'):
        return 'bash tools/pretrain_all.sh'
    if places[0] == 'work_dirs' and len(places) > 2:
        for config in sorted((CHECKOUT / 'configs').rglob(f'{places[-2]}.py')):
            named = config.relative_to(CHECKOUT).with_suffix('').parts
            inner = places[1:-1]
            if named[-len(inner) :] == inner and ('tabletop' in named) == (
                'tabletop' in inner
            ):
                return f'python tools/train.py {config.relative_to(CHECKOUT)}'
    return ''


def _held_parts(model: Mapping, checkpoint: str) -> set[str]:
    """Return the model's parts whose own files of weights a checkpoint replaces."""
    if os.path.isdir(checkpoint):
        return set()
    parts = {name.partition('.')[0] for name in read_weight_names(checkpoint)}
    if model.get('save_frozen', True):
        return parts
    # Of the others it lacks what is frozen.
    return parts & set(getattr(registered(MODELS, model.get('type')), 'held_parts', ()))


def _walk(
    value: Any, places: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each value of a config and the keys that lead to it."""
    yield places, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, (*places, str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item, places)
