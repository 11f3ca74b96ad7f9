"""Command line of the tools that explain a model on its test data."""

import argparse

from mmengine.config import Config
from torch import nn

from mmfourdpsg.apis import SceneGraphInferencer
from mmfourdpsg.engine.launch import ConfigOptions, read_config
from mmfourdpsg.utils import InputError, check_output_file


def explanation_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of what all of these tools take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='config of a 4D-LLM')
    parser.add_argument(
        'checkpoint', help='checkpoint file, or "none" for the untrained model'
    )
    parser.add_argument(
        '--group',
        action='append',
        default=[],
        metavar='NAME=LABEL,LABEL',
        help='count these labels apart; can be given again',
    )
    parser.add_argument('--out', help='file for the figures, also by label')
    parser.add_argument('--device', help='the GPU where there is one, if left out')
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions)
    return parser


def load_explained(args: argparse.Namespace, *parts: str) -> tuple[nn.Module, Config]:
    """Return the model that a command line names, ready to test, and its config.

    Args:
        args: What an :func:`explanation_parser` read.
        parts: Attributes that the model must have.

    Raises:
        InputError: Something cannot be read, ``--out`` cannot be written, or the
            model lacks a part.
    """
    check_output_file(args.out)
    config = read_config(args.config, args.cfg_options)
    checkpoint = None if args.checkpoint == 'none' else args.checkpoint
    model = SceneGraphInferencer(
        config, checkpoint, args.device, untrained=checkpoint is None
    ).model
    for part in parts:
        if not hasattr(model, part):
            raise InputError(f'{args.config}: expected a model with a {part}')
    return model, config
