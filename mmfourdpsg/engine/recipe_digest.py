"""What a training was made with, in a few letters."""

import argparse
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mmengine.config import DictAction

from .launch import read_config

# Where and how often something is written does not matter to what is learned.
PARTS = (
    'model',
    'train_dataloader',
    'test_dataloader',
    'optim_wrapper',
    'param_scheduler',
    'train_cfg',
    'load_from',
)
# Official weights have gigabytes.
WHOLE_FILE = 64 * 2**20


def recipe_digest(
    run: Mapping, loads: Mapping[str, str], parts: Sequence[str] = PARTS
) -> str:
    """Return a digest of all that decides what a run learns, but its seed and data.

    It changes with the resolved config, with the weights that the model begins with
    (files of more than 64 MiB count by their size and beginning), and with the runs
    that it loads.

    Args:
        run: ``config``, a path, and perhaps ``options`` (as --cfg-options takes them).
        loads: Option of the config -> digest of the run whose checkpoint it is.
        parts: What of the config counts.

    Returns:
        str: 12 hexadecimal digits.

    Raises:
        InputError: The config cannot be read.
    """
    config = read_config(run['config'])
    config.merge_from_dict({**_parse(run.get('options', ())), **loads})
    counted = {name: config.get(name) for name in parts}
    text = json.dumps(counted, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode())
    for path in sorted(set(_files(config.get('model')))):
        digest.update(f'{path} {_file_digest(Path(path))}'.encode())
    return digest.hexdigest()[:12]


def row_digest(study: Mapping, row: Mapping) -> str | None:
    """Return the digest of a study's row, None where it has nothing but predictions.

    Args:
        study: Has ``runs`` if the row has a ``run``.
        row: Has ``config`` or ``run``, and perhaps ``options`` and ``checkpoint``.

    Raises:
        InputError: A config cannot be read.
    """
    if 'predictions' in row:
        return None
    if 'run' in row:
        return chain_digest(study['runs'], row['run'])
    if 'checkpoint' in row:
        digest = recipe_digest(row, {}, ('model', 'test_dataloader'))
        return f'{digest} {row["checkpoint"]}'
    return recipe_digest(row, {})


def chain_digest(runs: Mapping[str, Mapping], name: str) -> str:
    """Return the digest of a run that may load others; ``runs`` may not go round."""
    run = runs[name]
    loads = run.get('loads', {})
    return recipe_digest(
        run, {option: chain_digest(runs, other) for option, other in loads.items()}
    )


def _parse(options: Sequence[str]) -> dict:
    if not options:
        return {}
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args(['--cfg-options', *options]).cfg_options


def _files(value: object) -> Iterator[str]:
    """Yield the paths of the files that a config names, those in its folders too."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _files(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _files(item)
    elif isinstance(value, str) and '/' in value:
        if os.path.isfile(value):
            yield value
        elif os.path.isdir(value):
            yield from (str(item) for item in Path(value).rglob('*') if item.is_file())


def _file_digest(path: Path) -> str:
    size = path.stat().st_size
    with path.open('rb') as file:
        content = file.read(WHOLE_FILE)
    return f'{size} {hashlib.sha256(content).hexdigest()}'
