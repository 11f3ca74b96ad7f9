"""Check of all that a run needs, and of where to get what is missing."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import read_weight_names
from mmfourdpsg.utils.config_paths import name_in_checkout

from ..launch import read_config
from .data_needs import data_needs
from .need import Need
from .package_needs import package_needs
from .simulated_twin import first_config, simulated_twin
from .weight_needs import weight_needs

NAMED = 3


def missing_needs(
    config: Mapping, parts: Sequence[str] = (), checkpoint: str | None = None
) -> list[Need]:
    """Return what a run needs and is not there, without building it or a network.

    Args:
        config: The run's config.
        parts: The data that it reads, of ``train``, ``val`` and ``test``.
        checkpoint: What it loads into the whole model; None loads nothing.
    """
    init_default_scope(config.get('default_scope', 'mmdet'))
    return [
        *data_needs(config, parts),
        *weight_needs(config, checkpoint),
        *package_needs(config),
    ]


def check_needs(
    config: Config,
    parts: Sequence[str] = (),
    checkpoint: str | None = None,
    command: str = 'python tools/train.py {config}',
    lacking: Sequence[Need] = (),
) -> None:
    """Refuse a run that lacks something, with the list of all that it lacks.

    Args:
        config: The run's config.
        parts: The data that it reads, of ``train``, ``val`` and ``test``.
        checkpoint: What it loads into the whole model; None loads nothing.
        command: The run's command line, with ``{config}`` and ``{checkpoint}``.
        lacking: What the caller has found missing before.

    Raises:
        InputError: The checkpoint is damaged, or something is missing: then its
            details tell where to get each, and what does the same on simulated data.
    """
    needs = [*lacking, *missing_needs(config, parts, checkpoint)]
    if not needs:
        if checkpoint is not None and os.path.isfile(checkpoint):
            # A damaged one is told now, too; its weights are read once, by the run.
            read_weight_names(checkpoint)
        return
    name = config.filename or 'the config'
    if len(needs) == 1:
        (need,) = needs
        source = f' ({need.source})' if need.source else ''
        # What the user named the user has; all else may be far away.
        lines = _twin_lines(config, parts, command) if need.name != checkpoint else ()
        raise InputError(f'{need}{source}', lines)
    first = '; '.join(str(need) for need in needs[:NAMED])
    more = f' and {len(needs) - NAMED} more' if len(needs) > NAMED else ''
    lines = [f'{name} needs {len(needs)} things that are not here:']
    for need in needs:
        lines += [f'  {need}', *([f'      {need.source}'] if need.source else [])]
    lines += _twin_lines(config, parts, command)
    raise InputError(f'{name}: {len(needs)} things are missing: {first}{more}', lines)


def _twin_lines(config: Config, parts: Sequence[str], command: str) -> list[str]:
    """Return lines on the config that does the same on simulated data."""
    twin = simulated_twin(config.filename) if config.filename else None
    if twin is None:
        return []
    step = Path(config.filename).stem.split('_')[0]
    lines = []
    first = first_config(twin.parent) or twin
    for path in dict.fromkeys((twin, first)):
        other = read_config(path)
        checkpoint = other.get('published_checkpoint')
        begun = other.get('load_from') if 'train' in parts else None
        needs = missing_needs(other, parts, begun)
        sources = dict.fromkeys(need.source for need in needs if need.source)
        line = command.format(
            config=name_in_checkout(path),
            checkpoint=name_in_checkout(checkpoint) if checkpoint else 'CHECKPOINT',
        )
        is_same = path == twin and path.stem.split('_')[0] == step
        name = 'Step 1' if path.stem == 'step1' else path.stem.capitalize()
        what = 'The same' if is_same else f'{name}, which follows no other'
        lines += [f'{what}, on simulated data: {line}']
        lines += [f'      first: {source}' for source in sources]
        if not any(source.startswith('python tools/train.py') for source in sources):
            break
    return lines
