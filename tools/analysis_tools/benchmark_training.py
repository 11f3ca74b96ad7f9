"""What a training step costs: samples a second, time by part, memory, operations.

    python tools/analysis_tools/benchmark_training.py configs/4dllm/tabletop/step1.py
    python tools/analysis_tools/benchmark_training.py CONFIG --batch-sizes 1 2 4 \
        --frames 8 16 32 --out cost.json
    python tools/analysis_tools/benchmark_training.py CONFIG --against OTHER_CONFIG

Data, model and optimizer are those of the config; nothing is saved. Rates and memory
are of plain steps, shares of profiled ones (on an accelerator of the time that its
kernels take), and operations of one more. Utilisation is
model FLOPs (what gradient checkpointing computes again left out) against what one large
matrix product reaches here in the same minute, or against ``--peak-tflops``.

With ``--against`` the steps of two trainings are measured in turns and nothing else:
how many times as fast the first is. Both have the same number of videos a step, that of
the first unless ``--batch-sizes`` says another; what else they differ in is what is
compared. Loading of data does not count, and ``--cfg-options`` are for both.
"""

import argparse
import copy
import json
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.analysis.profiling.device_probes import matrix_rate, synchronise
from mmfourdpsg.analysis.profiling.step_comparison import compare_steps
from mmfourdpsg.analysis.profiling.training_cost import (
    cache_use,
    measure_rates,
    profile_parts,
    training_batches,
    utilisation,
)
from mmfourdpsg.engine.launch import ConfigOptions, read_config
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import atomic_write, exit_on_input_error

PARTS = {
    'frame_encoder': 'frozen or trained encoders, frame by frame',
    'scene_transcender': '2D-to-4D estimators',
    'scene_encoder': 'aggregator and token merging',
    'scene_graph_head': 'language model',
    'tube_decoder': 'SAM2',
}


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config of a training')
    parser.add_argument(
        '--against', metavar='CONFIG', help='config of a training to measure in turns'
    )
    parser.add_argument(
        '--batch-sizes', nargs='+', type=int, help="the config's if left out"
    )
    parser.add_argument(
        '--frames', nargs='+', type=int, help="frames a video; the config's if left out"
    )
    parser.add_argument('--iterations', type=int, default=8, help='plain steps')
    parser.add_argument('--warm-up', type=int, default=2, help='steps before them')
    parser.add_argument('--profiled', type=int, default=1, help='profiled steps')
    parser.add_argument(
        '--peak-tflops', type=float, help="the accelerator's rate, from its data sheet"
    )
    parser.add_argument(
        '--device', default='cuda' if torch.cuda.is_available() else 'cpu'
    )
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions)
    parser.add_argument('--out', help='also write the figures to this JSON file')
    args = parser.parse_args()
    for name in ('iterations', 'warm_up', 'profiled'):
        if getattr(args, name) < 1:
            parser.error(f'--{name.replace("_", "-")}: expected at least 1')
    if args.against and args.iterations < 2:
        parser.error('--iterations: expected at least 2 beside --against')
    return args


def report_rates(figures: dict) -> None:
    """Print the rates and the memory of one batch size and number of frames."""
    print(
        f'batch {figures["batch_size"]}, {figures["frames_a_sample"]:.1f} frames a '
        f'sample: {figures["samples_a_second"]:.2f} samples/s, step '
        f'{figures["step_seconds"]:.2f} s and {figures["data_seconds"]:.2f} s waiting '
        f'for data; peak memory {figures["peak_memory_gb"]:.2f} GB'
    )


def report_shares(figures: dict) -> None:
    """Print where the time of a step goes."""
    if 'kernel_seconds' in figures:
        print(f'  kernels take {figures["kernel_seconds"]:.2f} s of it, of which')
    print(f'  {"share of the step":>20} {"forward":>8} {"backward":>8}')
    for name, (forward, backward) in figures['share_of_step'].items():
        print(f'  {name:>20} {forward:8.1%} {backward:8.1%}  {PARTS.get(name, "")}')


def report_utilisation(figures: dict) -> None:
    """Print the operations of a step."""
    print(
        f'  {figures["model_tflop_a_step"]:.3f} TFLOP a step '
        f'(+ {figures["recomputed_tflop_a_step"]:.3f} recomputed), '
        f'{figures["model_flops_utilisation"]:.1%} of '
        f'{figures["peak_tflops"]:.3g} TFLOP/s'
    )


def report_cache(figures: dict) -> None:
    """Print how often features came from a cache, if there is one."""
    if 'feature_cache' in figures:
        cache = figures['feature_cache']
        print(f'  feature cache: {cache["hits"]} hits, {cache["misses"]} misses')


def add_costs(
    figures: dict,
    args: argparse.Namespace,
    model: nn.Module,
    step: Callable[[dict], None],
    data: Iterator[dict],
    peak: float,
) -> bool:
    """Add to the figures of a batch size and number of frames what memory allows.

    Each is told at once, for what comes after it needs more time and memory.

    Returns:
        Whether memory allowed all.
    """
    what, fits = 'a step', False
    try:
        figures.update(
            measure_rates(
                step,
                data,
                figures['batch_size'],
                args.warm_up,
                args.iterations,
                args.device,
            )
        )
        report_rates(figures)
        what = 'a profiled step'
        figures.update(
            profile_parts(step, data, list(PARTS), args.profiled, args.device)
        )
        report_shares(figures)
        what = 'a step whose operations are counted'
        figures.update(utilisation(model, step, data, figures['step_seconds'], peak))
        report_utilisation(figures)
        fits = True
    except torch.OutOfMemoryError:
        frames = figures['frames'] or "the config's"
        print(
            f'batch {figures["batch_size"]}, {frames} frames: {what} does not fit into '
            'memory'
        )
    figures.update(cache_use(model))
    report_cache(figures)
    return fits


class Training(NamedTuple):
    """A training to measure.

    Attributes:
        config: Its config.
        model: The model.
        optim_wrapper: Its optimizer.
        step: Trains it on a batch, and returns when the device is done.
    """

    config: Config
    model: nn.Module
    optim_wrapper: OptimWrapper
    step: Callable[[dict], None]


def build_training(path: str, args: argparse.Namespace) -> Training:
    """Return a training with the weights that it begins with.

    Args:
        path: Its config.
        args: The command line.
    """
    config = read_config(path, args.cfg_options)
    init_default_scope(config.get('default_scope', 'mmdet'))
    torch.manual_seed(0)
    # A processor takes minutes to sample billions of random weights.
    with torch.device(args.device):
        model = MODELS.build(config.model)
        model.init_weights()
    model = model.to(args.device).train()
    optim_wrapper = build_optim_wrapper(model, copy.deepcopy(config.optim_wrapper))

    def step(batch: dict) -> None:
        model.train_step(batch, optim_wrapper=optim_wrapper)
        synchronise(args.device)

    return Training(config, model, optim_wrapper, step)


def measure_against(
    training: Training, args: argparse.Namespace, batch_size: int, frames: int | None
) -> dict:
    """Measure a training and another in turns, and print how they compare."""
    other = build_training(args.against, args)
    count = args.warm_up + args.iterations
    batches = [
        list(islice(training_batches(item.config, batch_size, frames), count))
        for item in (training, other)
    ]
    torch.manual_seed(0)
    compared = compare_steps([training.step, other.step], batches, args.warm_up)
    figures = compared.summary()
    low, high = figures['ratio_quartiles']
    print(
        f'batch {batch_size}: a step of {args.config} takes '
        f'{figures["step_seconds"]:.2f} s, one of {args.against} '
        f'{figures["against_step_seconds"]:.2f} s: {figures["ratio"]:.2f} times as '
        f'fast ({low:.2f} to {high:.2f} in the middle half of {args.iterations} pairs)'
    )
    return dict(batch_size=batch_size, frames=frames, **figures)


def measure(
    training: Training, args: argparse.Namespace, batch_size: int, frames: int | None
) -> dict:
    """Measure a training alone."""
    config = training.config
    data = training_batches(config, batch_size, frames)
    dtype = getattr(torch, config.optim_wrapper.get('dtype', 'float32'))
    peak = (args.peak_tflops or 0) * 1e12 or matrix_rate(args.device, dtype)
    figures = dict(batch_size=batch_size, frames=frames)
    if not add_costs(figures, args, training.model, training.step, data, peak):
        # Not where the error is caught: its frames hold tensors of the step.
        training.optim_wrapper.zero_grad()
        torch.cuda.empty_cache()
    return figures


@exit_on_input_error
def main() -> None:
    """Measure and print."""
    args = parse_args()
    # A pipe would keep what is told until the end.
    sys.stdout.reconfigure(line_buffering=True)
    # How each weight was initialised, and which ones do not train, fills pages.
    MMLogger.get_instance('benchmark_training', log_level='ERROR')
    training = build_training(args.config, args)
    weights = list(training.model.parameters())
    result = dict(
        config=args.config,
        device=args.device,
        threads=torch.get_num_threads(),
        parameters=sum(item.numel() for item in weights),
        trained_parameters=sum(p.numel() for p in weights if p.requires_grad),
        rows=[],
    )
    if args.against:
        result['against'] = args.against
    for batch_size in args.batch_sizes or [training.config.train_dataloader.batch_size]:
        for frames in args.frames or [None]:
            one = measure_against if args.against else measure
            result['rows'].append(one(training, args, batch_size, frames))
            if args.out:
                with atomic_write(Path(args.out)) as path:
                    path.write_text(
                        json.dumps(result, indent=1) + '\n', encoding='utf-8'
                    )


if __name__ == '__main__':
    main()
