"""Digests that identify what a training or a test was made with."""

import argparse
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from mmfourdpsg.engine.launch import ConfigOptions, find_config_paths, parse_config
from mmfourdpsg.utils.config_paths import find_path, name_in_checkout, search_folders
from mmfourdpsg.utils.weight_files import weight_files

# Where and how often something is written or scored does not matter to what is learned.
VALIDATION = ('val_begin', 'val_interval', 'dynamic_intervals')
# Maps of scores that are given out change no order, and so nothing that is counted.
CALIBRATIONS = ('object_calibration', 'relation_calibration')
PARTS = (
    'model',
    'train_dataloader',
    'test_dataloader',
    'optim_wrapper',
    'param_scheduler',
    'train_cfg',
    'load_from',
)


def recipe_digest(
    run: Mapping, loads: Mapping[str, str], parts: Sequence[str] = PARTS
) -> str:
    """Return a digest of all that decides what a run learns, but its seed and data.

    It changes with the resolved config, calibrations of scores apart, with the weights
    that the model begins with, and with the runs that it loads.

    Args:
        run: ``config``, a path, and perhaps ``options`` (as --cfg-options takes them).
        loads: Option of the config -> digest of the run whose checkpoint it is.
        parts: What of the config counts.

    Returns:
        str: 12 hexadecimal digits.

    Raises:
        InputError: The config cannot be read.
    """
    # As it is written: where the files were found does not count.
    path = find_path(run['config'], search_folders())
    config = parse_config(path, {**_parse(run.get('options', ())), **loads})
    counted = {name: config.get(name) for name in parts}
    if counted.get('train_cfg'):
        counted['train_cfg'] = {
            key: value
            for key, value in counted['train_cfg'].items()
            if key not in VALIDATION
        }
    model = counted.get('model') or {}
    if model.get('assembler'):
        assembler = {
            key: value
            for key, value in model['assembler'].items()
            if key not in CALIBRATIONS
        }
        counted['model'] = dict(model, assembler=assembler)
    text = json.dumps(counted, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode())
    model = find_config_paths(config).get('model')
    digest.update(json.dumps(weight_files(model)).encode())
    return digest.hexdigest()[:12]


def row_digest(study: Mapping, row: Mapping) -> str | None:
    """Return the digest of a study's row, None where it has nothing but predictions.

    Args:
        study: Has ``runs`` if the row has a ``run``.
        row: Has ``config`` or ``run``, and perhaps ``options``, ``checkpoint`` and
            ``test_config``.

    Raises:
        InputError: A config cannot be read.
    """
    if 'predictions' in row:
        return None
    if 'run' in row:
        digest = chain_digest(study['runs'], row['run'])
        if 'test_config' not in row:
            return digest
        test = dict(config=row['test_config'])
        return f'{digest} {recipe_digest(test, {}, ("model", "test_dataloader"))}'
    if 'checkpoint' in row:
        digest = recipe_digest(row, {}, ('model', 'test_dataloader'))
        return f'{digest} {name_in_checkout(row["checkpoint"])}'
    return recipe_digest(row, {})


def scoring_digest(study: Mapping) -> str | None:
    """Return the digest of how the rows of a study are tested and scored.

    Args:
        study: Has perhaps ``test_options``, ``label_groups`` and ``unseen``, of which
            only counts that it is there: its content has a digest of its own.

    Returns:
        str | None: 12 hexadecimal digits; None where the study has none of them.
    """
    counted = dict(
        test_options=list(study.get('test_options', ())),
        label_groups=dict(study.get('label_groups') or {}),
        unseen=bool(study.get('unseen')),
    )
    if not any(counted.values()):
        return None
    text = json.dumps(counted, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def metrics_digest(row: Mapping) -> str:
    """Return the digest of a test with the metrics of its own config.

    Args:
        row: Has ``config``, ``options`` and ``checkpoint``, of which the name counts.

    Raises:
        InputError: The config cannot be read.
    """
    digest = recipe_digest(row, {}, ('model', 'test_dataloader', 'test_evaluator'))
    return f'{digest} {name_in_checkout(row["checkpoint"])}'


def chain_digest(
    runs: Mapping[str, Mapping],
    name: str,
    digest: Callable[[Mapping, Mapping[str, str]], str] = recipe_digest,
) -> str:
    """Return the digest of a run that may load others; ``runs`` may not go round."""
    loads = {
        option: chain_digest(runs, other, digest)
        for option, other in runs[name].get('loads', {}).items()
    }
    return digest(runs[name], loads)


def _parse(options: Sequence[str]) -> dict:
    if not options:
        return {}
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions)
    return parser.parse_args(['--cfg-options', *options]).cfg_options
