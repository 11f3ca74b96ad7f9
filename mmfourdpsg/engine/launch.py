"""What ``tools/train.py`` and ``tools/test.py`` share."""

import argparse
import os
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from mmfourdpsg.registry import RUNNERS
from mmfourdpsg.utils import InputError, check_output_folder


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that MMDetection's train and test tools have in common."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
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
        InputError: The config is missing or cannot be read, or nothing can be written
            to the working folder.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    config = read_config(args.config)
    config.launcher = args.launcher
    if args.cfg_options is not None:
        config.merge_from_dict(args.cfg_options)
    if args.work_dir is not None:
        config.work_dir = args.work_dir
    elif config.get('work_dir') is None:
        config.work_dir = str(Path('work_dirs') / Path(args.config).stem)
    check_output_folder(config.work_dir)
    return config


def read_config(path: str | Path) -> Config:
    """Read a config file.

    Args:
        path: The file.

    Returns:
        The config.

    Raises:
        InputError: The file, or one that it inherits from, is missing or is no
            config.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f'{path}: no such config file')
    try:
        return Config.fromfile(str(path))
    except (
        OSError,
        SyntaxError,
        ValueError,
        LookupError,
        TypeError,
        NameError,
        AttributeError,
        ImportError,
    ) as error:
        raise InputError(f'{path}: cannot be read as a config ({error})') from error


def build_runner(config: Config) -> Runner:
    """Build the runner that a config asks for by ``runner_type``."""
    if 'runner_type' not in config:
        return Runner.from_cfg(config)
    return RUNNERS.build(config)
