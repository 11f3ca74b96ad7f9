"""Train a model: python tools/train.py CONFIG."""

import argparse

from mmengine.config import Config, ConfigDict
from mmengine.device import get_device

import mmfourdpsg  # noqa: F401  (registers the components)
from mmfourdpsg.engine.launch import (
    add_common_arguments,
    build_runner,
    check_settings,
    load_config,
)
from mmfourdpsg.engine.needs import check_needs
from mmfourdpsg.utils import InputError, exit_on_input_error
from mmfourdpsg.utils.run_folder import last_checkpoint


def parse_args() -> argparse.Namespace:
    """Return the command line, with MMDetection's flags."""
    parser = argparse.ArgumentParser(description='Train a model')
    parser.add_argument('config', help='train config file path')
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--amp',
        action='store_true',
        help='train with automatic mixed precision: on a CPU in bfloat16, elsewhere in '
        'the dtype of the config, else float16',
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the batch size',
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='resume from the given checkpoint, or without one from the latest in the '
        'work folder',
    )
    add_common_arguments(parser)
    return parser.parse_args()


def _use_mixed_precision(optim_wrapper: ConfigDict) -> None:
    if optim_wrapper.type == 'Bfloat16OptimWrapper':
        return
    if get_device() == 'cpu':
        # MMEngine's wrapper, as in MMDetection's tool, takes accelerators alone.
        optim_wrapper.type = 'Bfloat16OptimWrapper'
        for name in ('loss_scale', 'dtype'):
            optim_wrapper.pop(name, None)
    else:
        optim_wrapper.type = 'AmpOptimWrapper'
        optim_wrapper.setdefault('loss_scale', 'dynamic')


def apply_args(config: Config, args: argparse.Namespace) -> None:
    """Carry the training flags into the config.

    Raises:
        InputError: The config cannot scale its learning rate but shall, or the work
            folder does not tell its latest checkpoint.
    """
    if args.amp:
        _use_mixed_precision(config.optim_wrapper)
    if args.auto_scale_lr:
        setting = config.get('auto_scale_lr') or {}
        if not {'enable', 'base_batch_size'} <= set(setting):
            raise InputError(
                f'{args.config}: --auto-scale-lr needs auto_scale_lr with enable and '
                'base_batch_size in the config'
            )
        config.auto_scale_lr.enable = True
    checkpoint = args.resume
    if checkpoint is None and config.get('resume') and not config.get('load_from'):
        # MMEngine would look for it where the run was.
        checkpoint = 'auto'
    if checkpoint is not None:
        if checkpoint == 'auto':
            try:
                checkpoint = last_checkpoint(config.work_dir)
            except InputError as error:
                raise InputError(
                    f'{error}; name one with --resume CHECKPOINT'
                ) from None
        # A run without a checkpoint begins, with load_from where it has one.
        config.resume = checkpoint is not None
        if config.resume and config.get('load_from') and 'strategy' in config:
            # What does not train is in the first checkpoint alone.
            config.strategy.initial_checkpoint = config.load_from
        config.load_from = str(checkpoint) if checkpoint else config.get('load_from')


@exit_on_input_error
def main() -> None:
    """Train."""
    args = parse_args()
    config = load_config(args)
    check_settings(config, 'model', 'train_dataloader', 'train_cfg', 'optim_wrapper')
    apply_args(config, args)
    parts = [part for part in ('train', 'val') if config.get(f'{part}_cfg')]
    check_needs(
        config, parts, config.get('load_from'), 'python tools/train.py {config}'
    )
    build_runner(config).train()


if __name__ == '__main__':
    main()
