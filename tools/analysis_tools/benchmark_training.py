"""What a training step costs: samples a second, time by part, memory, operations.

    python tools/analysis_tools/benchmark_training.py configs/4dllm/tabletop/step1.py
    python tools/analysis_tools/benchmark_training.py CONFIG --batch-sizes 1 2 4 \
        --frames 8 16 32 --out cost.json

Data, model and optimizer are those of the config; nothing is saved. Rates and memory
are of plain steps, shares of profiled ones (on an accelerator of the time that its
kernels take), and operations of one more. Utilisation is
model FLOPs (what gradient checkpointing computes again left out) against what one large
matrix product reaches here in the same minute, or against ``--peak-tflops``.
"""

import argparse
import copy
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from mmengine.logging import MMLogger
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.analysis.profiling.device_probes import matrix_rate, synchronise
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


@exit_on_input_error
def main() -> None:
    """Measure and print."""
    args = parse_args()
    # A pipe would keep what is told until the end.
    sys.stdout.reconfigure(line_buffering=True)
    config = read_config(args.config, args.cfg_options)
    init_default_scope(config.get('default_scope', 'mmdet'))
    # How each weight was initialised, and which ones do not train, fills pages.
    MMLogger.get_instance('benchmark_training', log_level='ERROR')
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

    parameters = sum(item.numel() for item in model.parameters())
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    result = dict(
        config=args.config,
        device=args.device,
        threads=torch.get_num_threads(),
        parameters=parameters,
        trained_parameters=trained,
        rows=[],
    )
    for batch_size in args.batch_sizes or [config.train_dataloader.batch_size]:
        for frames in args.frames or [None]:
            data = training_batches(config, batch_size, frames)
            dtype = getattr(torch, config.optim_wrapper.get('dtype', 'float32'))
            peak = (args.peak_tflops or 0) * 1e12 or matrix_rate(args.device, dtype)
            figures = dict(batch_size=batch_size, frames=frames)
            if not add_costs(figures, args, model, step, data, peak):
                # Not where the error is caught: its frames hold tensors of the step.
                optim_wrapper.zero_grad()
                torch.cuda.empty_cache()
            result['rows'].append(figures)
            if args.out:
                with atomic_write(Path(args.out)) as path:
                    path.write_text(
                        json.dumps(result, indent=1) + '\n', encoding='utf-8'
                    )


if __name__ == '__main__':
    main()
