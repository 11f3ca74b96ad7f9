"""Command-line arguments, configs and runners of train.py and test.py."""

import argparse
import difflib
import inspect
import os
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.runner import FlexibleRunner, Runner

from mmfourdpsg.registry import DATASETS, RUNNERS
from mmfourdpsg.utils import InputError, check_output_folder
from mmfourdpsg.utils.config_paths import WRITTEN, find_paths, search_folders
from mmfourdpsg.utils.dataset_configs import unwrap_datasets

from .registered import registered
from .told_settings import told_settings


class ConfigOptions(DictAction):
    """MMEngine's reader of ``key=value``, which says what it cannot read."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Sequence[str],
        option_string: str | None = None,
    ) -> None:
        """Add the settings to the namespace.

        Raises:
            InputError: One is not ``key=value``, or its brackets do not close.
        """
        for value in values:
            try:
                super().__call__(parser, namespace, [value], option_string)
            except (ValueError, AssertionError):
                raise InputError(
                    f'{option_string} {value}: expected key=value, a list as '
                    'key="[a,b]"'
                ) from None


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that MMDetection's train and test tools have in common."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=ConfigOptions,
        help='override settings of the config, as key=value; a list is '
        'key="[a,b]" or key=a,b, and nests: key="[(a,b),(c,d)]"',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='job launcher',
    )
    # torch.distributed.launch passes either spelling.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def load_config(args: argparse.Namespace) -> Config:
    """Read the config that a command line names and apply its overrides.

    Args:
        args: Has ``config``, ``work_dir``, ``cfg_options``, ``launcher`` and
            ``local_rank``.

    Returns:
        The config, with ``work_dir`` and ``launcher`` set.

    Raises:
        InputError: The config is missing or cannot be read, an override does not fit
            it, or nothing can be written to the working folder.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    config = read_config(args.config, args.cfg_options)
    config.launcher = args.launcher
    if args.work_dir is not None:
        config.work_dir = args.work_dir
    elif config.get('work_dir') is None:
        config.work_dir = str(Path('work_dirs') / Path(args.config).stem)
    check_output_folder(config.work_dir)
    return config


def read_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config file, for use in whatever folder.

    Args:
        path: The file.
        options: Settings that are overridden, as ``--cfg-options`` has them.

    Returns:
        The config. The paths that it names are where they are, see
        :func:`find_config_paths`.

    Raises:
        InputError: The file, or one that it inherits from, is missing or is no
            config, or an option does not fit it.
    """
    return find_config_paths(parse_config(path, options))


def check_settings(config: Config, *names: str) -> None:
    """Make sure that a config has what a command needs of it.

    Raises:
        InputError: It lacks one of the settings.
    """
    for name in names:
        if not config.get(name):
            raise InputError(
                f'{config.filename}: has no {name}, expected a config of a model with '
                f'{", ".join(names)}'
            )


def find_config_paths(config: Config) -> Config:
    """Look up the paths that a config names, in place, and return it.

    What the current folder does not have is taken from beside the config's ``configs``
    folder, else from this package's checkout. The folder that a run writes to is one
    of the current folder.
    """
    folders = search_folders(config.filename)
    for key in [key for key in config if key not in WRITTEN]:
        config[key] = find_paths(config[key], folders)
    for part in ('train', 'val', 'test'):
        loader = config.get(f'{part}_dataloader') or {}
        for row in unwrap_datasets(loader.get('dataset')):
            _find_data(row, folders)
    return config


def _find_data(row: MutableMapping[str, Any], folders: Sequence[Path]) -> None:
    """Pass over a folder of the name of a data root that holds something else."""
    kind = registered(DATASETS, row.get('type'))
    if not row.get('data_root') or not hasattr(kind, 'missing_paths'):
        return
    if kind.missing_paths(row):
        for folder in folders:
            other = os.path.join(folder, row['data_root'])
            if not kind.missing_paths({**row, 'data_root': other}):
                row['data_root'] = other
                return


def parse_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config file as it is written, with overrides.

    Raises:
        InputError: As :func:`read_config`.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f'{path}: no such config file')
    try:
        config = Config.fromfile(str(path))
    except Exception as error:
        # A config is a program; whatever it fails with, it is the config's failure.
        reason = str(error) or type(error).__name__
        raise InputError(f'{path}: cannot be read as a config ({reason})') from error
    if options:
        _override(config, options, path)
    return config


def _override(config: Config, options: Mapping[str, Any], path: Path) -> None:
    settings = {*config, *_RUNNER_SETTINGS}
    for key in options:
        name = key.partition('.')[0]
        if name not in settings:
            close = difflib.get_close_matches(name, settings, 1)
            hint = f', perhaps {close[0]}' if close else ''
            raise InputError(
                f'--cfg-options {key}: {path} has no {name!r}, expected one of its '
                f'settings{hint}'
            )
        here = config
        for part in key.split('.'):
            here = here.get(part) if hasattr(here, 'get') else None
        if isinstance(here, dict) and not isinstance(options[key], dict | NoneType):
            raise InputError(
                f'--cfg-options {key}: is a group of settings in {path}, expected '
                f'{key}.NAME=value'
            )
    try:
        config.merge_from_dict(dict(options))
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        raise InputError(
            f'--cfg-options {" ".join(options)!s:.200}: does not fit {path} '
            f'({error!s:.200})'
        ) from None


# What is read of a config that need not have it.
_RUNNER_SETTINGS = {
    name
    for runner in (Runner, FlexibleRunner)
    for name in inspect.signature(runner).parameters
} | {
    'runner_type',
    'auto_scale_lr',
    'custom_imports',
    'inference_pipeline',
    'published_checkpoint',
    'tta_model',
    'tta_pipeline',
}


def build_runner(config: Config) -> Runner:
    """Build the runner that a config asks for by ``runner_type``.

    Raises:
        InputError: A setting does not fit what is built from it.
    """
    with told_settings(config):
        if 'runner_type' not in config:
            return Runner.from_cfg(config)
        return RUNNERS.build(config)
