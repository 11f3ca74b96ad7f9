"""Test and score a model: python tools/test.py CONFIG CHECKPOINT."""

import argparse
from pathlib import Path

from mmengine.config import Config

import mmfourdpsg  # noqa: F401  (registers the components)
from mmfourdpsg.engine.launch import (
    add_common_arguments,
    build_runner,
    check_settings,
    load_config,
)
from mmfourdpsg.engine.needs import check_needs
from mmfourdpsg.utils import (
    InputError,
    check_output_file,
    check_output_folder,
    exit_on_input_error,
)


def parse_args() -> argparse.Namespace:
    """Return the command line, with MMDetection's flags."""
    parser = argparse.ArgumentParser(description='Test and score a model')
    parser.add_argument('config', help='test config file path')
    parser.add_argument(
        'checkpoint', help='checkpoint file, or "none" for the untrained model'
    )
    parser.add_argument('--work-dir', help='folder for the metrics')
    parser.add_argument(
        '--out', help='write the predictions to this file, in the JSON format'
    )
    parser.add_argument(
        '--show', action='store_true', help='open each prediction in the browser'
    )
    parser.add_argument(
        '--show-dir', help='folder for a viewer page and an overlay video a prediction'
    )
    parser.add_argument(
        '--wait-time',
        type=float,
        default=2,
        help='seconds between predictions with --show',
    )
    parser.add_argument(
        '--tta',
        action='store_true',
        help='use the test-time augmentation of the config',
    )
    add_common_arguments(parser)
    return parser.parse_args()


def apply_args(config: Config, args: argparse.Namespace) -> None:
    """Carry the test flags into the config.

    Raises:
        InputError: Test-time augmentation is asked for and the config has none.
    """
    config.load_from = None if args.checkpoint == 'none' else args.checkpoint
    if args.tta:
        if 'tta_model' not in config or 'tta_pipeline' not in config:
            raise InputError(
                f'{args.config}: --tta needs tta_model and tta_pipeline in the config'
            )
        config.test_dataloader.dataset.pipeline = config.tta_pipeline
        config.model = dict(**config.tta_model, module=config.model)
    if args.out:
        if Path(args.out).suffix != '.json':
            raise InputError(f'--out {args.out}: expected a file that ends in .json')
        check_output_file(args.out)
        metrics = config.test_evaluator
        (metrics[0] if isinstance(metrics, list) else metrics).outfile = args.out
    check_output_folder(args.show_dir)
    if args.show or args.show_dir:
        config.setdefault('custom_hooks', []).append(
            dict(
                type='SceneGraphVisualizationHook',
                out_dir=args.show_dir or str(Path(config.work_dir) / 'show'),
                show=args.show,
                wait_time=args.wait_time,
            )
        )


@exit_on_input_error
def main() -> None:
    """Test."""
    args = parse_args()
    config = load_config(args)
    check_settings(config, 'model', 'test_dataloader', 'test_cfg', 'test_evaluator')
    apply_args(config, args)
    command = 'python tools/test.py {config} {checkpoint}'
    check_needs(config, ('test',), config.load_from, command)
    build_runner(config).test()


if __name__ == '__main__':
    main()
