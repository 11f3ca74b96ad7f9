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
import contextlib
import copy
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.analysis.profiling import count_operations, part_times, whole_time
from mmfourdpsg.engine.launch import ConfigOptions, read_config
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error

PARTS = {
    'frame_encoder': 'frozen or trained encoders, frame by frame',
    'scene_transcender': '2D-to-4D estimators',
    'scene_encoder': 'aggregator and token merging',
    'scene_graph_head': 'language model',
    'tube_decoder': 'SAM2',
}
STEP = 'training step'
# What resets a process's peak (Linux).
CLEAR = Path('/proc/self/clear_refs')


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


def batches(config: Config, batch_size: int, frames: int | None) -> Iterator[dict]:
    """Return batches without end, with other sizes than the config's."""
    loader = copy.deepcopy(config.train_dataloader)
    loader.batch_size = batch_size
    loader.sampler = dict(type='InfiniteSampler', shuffle=True)
    loader.pop('batch_sampler', None)
    if frames is not None:
        samplers = list(_frame_samplers(loader.dataset))
        if not samplers:
            raise InputError('--frames: the training data is not sampled from videos')
        for sampler in samplers:
            sampler.num_frames = frames
    return iter(Runner.build_dataloader(loader, seed=0))


def _frame_samplers(part: object) -> Iterator[dict]:
    if isinstance(part, dict):
        if part.get('type') == 'SampleFrames':
            yield part
        part = list(part.values())
    if isinstance(part, list | tuple):
        for item in part:
            yield from _frame_samplers(item)


def synchronise(device: str) -> None:
    """Wait until the device has done what it was told."""
    if device != 'cpu':
        torch.cuda.synchronize()


def matrix_rate(device: str, dtype: torch.dtype) -> float:
    """Return the FLOP/s of a large matrix product, the best of five."""
    side = 8192 if device != 'cpu' else 2048
    left = torch.randn(side, side, device=device, dtype=dtype)
    times = []
    for _ in range(6):
        synchronise(device)
        start = time.perf_counter()
        left @ left
        synchronise(device)
        times.append(time.perf_counter() - start)
    return 2 * side**3 / min(times[1:])


def reset_peak_memory(device: str) -> None:
    """Forget the peak so far, so that it is not taken for that of a smaller row."""
    if device != 'cpu':
        torch.cuda.reset_peak_memory_stats()
    elif CLEAR.exists():
        with contextlib.suppress(OSError):  # Some systems do not allow it.
            CLEAR.write_text('5', encoding='utf-8')


def peak_memory(device: str) -> float:
    """Return GB since the last reset: of the accelerator, or of the process.

    Where a system cannot forget, a process's peak is that since it began.
    """
    if device != 'cpu':
        return torch.cuda.max_memory_allocated() / 1e9
    if CLEAR.exists():
        status = Path('/proc/self/status').read_text(encoding='utf-8')
        return int(status.partition('VmHWM:')[2].split()[0]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def measure(
    args: argparse.Namespace,
    step: Callable[[dict], None],
    data: Iterator[dict],
    batch_size: int,
) -> dict[str, float]:
    """Train some steps; return their rates and their peak memory."""
    for _ in range(args.warm_up):
        step(next(data))
    reset_peak_memory(args.device)
    waits = seconds = 0.0
    frames = 0
    for _ in range(args.iterations):
        start = time.perf_counter()
        batch = next(data)
        loaded = time.perf_counter()
        step(batch)
        waits += loaded - start
        seconds += time.perf_counter() - loaded
        frames += sum(len(rgb) for rgb in batch['inputs']['rgb'])
    return dict(
        frames_a_sample=frames / (batch_size * args.iterations),
        samples_a_second=batch_size * args.iterations / (waits + seconds),
        step_seconds=seconds / args.iterations,
        data_seconds=waits / args.iterations,
        peak_memory_gb=peak_memory(args.device),
    )


def utilisation(
    model: nn.Module,
    step: Callable[[dict], None],
    data: Iterator[dict],
    step_seconds: float,
    peak: float,
) -> dict[str, float]:
    """Count the operations of a step; ``peak`` is in FLOP/s."""
    batch = next(data)
    operations = count_operations(model, lambda: step(batch))
    return dict(
        model_tflop_a_step=operations.model / 1e12,
        recomputed_tflop_a_step=operations.recomputed / 1e12,
        peak_tflops=peak / 1e12,
        model_flops_utilisation=operations.model / step_seconds / peak,
    )


def profile_parts(
    args: argparse.Namespace, step: Callable[[dict], None], data: Iterator[dict]
) -> dict[str, float | dict[str, list[float]]]:
    """Return ``kernel_seconds`` of a step, on an accelerator, and ``share_of_step``.

    Shares are of forward and backward by part, of the optimizer, and of the rest.
    """
    activities = [ProfilerActivity.CPU]
    on_device = args.device != 'cpu'
    if on_device:
        activities.append(ProfilerActivity.CUDA)
    loaded = [next(data) for _ in range(args.profiled)]
    with profile(activities=activities) as profiler:
        for batch in loaded:
            with record_function(STEP):
                step(batch)
    events = profiler.events()
    optimizer = sorted({e.name for e in events if e.name.startswith('Optimizer.step')})
    times = part_times(events, [*PARTS, *optimizer], on_device)
    whole = whole_time(events, STEP, on_device)
    shares = {
        name: [seconds / whole for seconds in times[name]]
        for name in PARTS
        if any(times[name])
    }
    shares['optimizer'] = [sum(times[name].forward for name in optimizer) / whole, 0.0]
    shares['rest'] = [1 - sum(map(sum, shares.values())), 0.0]
    kernels = dict(kernel_seconds=whole / args.profiled) if on_device else {}
    return dict(kernels, share_of_step=shares)


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


def cache_use(model: nn.Module) -> dict[str, dict[str, int]]:
    """Return how often features came from a cache, if there is one."""
    encoder = getattr(model, 'scene_encoder', getattr(model, 'frame_encoder', None))
    cache = getattr(encoder, 'feature_cache', None)
    if cache is None:
        return {}
    return dict(feature_cache=dict(hits=cache.hits, misses=cache.misses))


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
        figures.update(measure(args, step, data, figures['batch_size']))
        report_rates(figures)
        what = 'a profiled step'
        figures.update(profile_parts(args, step, data))
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
            data = batches(config, batch_size, frames)
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
