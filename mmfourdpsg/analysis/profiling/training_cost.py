"""The cost of a training step: rates, memory, time by part, operations."""

import copy
import time
from collections.abc import Callable, Iterator, Sequence

from mmengine.config import Config
from mmengine.runner import Runner
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

from mmfourdpsg.utils import InputError

from .device_probes import peak_memory, reset_peak_memory
from .part_times import part_times, whole_time
from .step_operations import count_operations

STEP = 'training step'


def training_batches(
    config: Config, batch_size: int, frames: int | None
) -> Iterator[dict]:
    """Return batches without end, with other sizes than the config's.

    Args:
        config: Config of a training.
        batch_size: Videos a batch.
        frames: Frames a video; None takes the config's.

    Raises:
        InputError: ``frames`` are given, and the data is not sampled from videos.
    """
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


def measure_rates(
    step: Callable[[dict], None],
    data: Iterator[dict],
    batch_size: int,
    warm_up: int,
    iterations: int,
    device: str,
) -> dict[str, float]:
    """Train some steps; return their rates and their peak memory.

    Args:
        step: Trains on a batch, and returns when the device is done.
        data: Batches of RGB-D videos.
        batch_size: Videos a batch.
        warm_up: Steps before those that are measured.
        iterations: Steps that are measured.
        device: The model's device.

    Returns:
        dict[str, float]: ``frames_a_sample``, ``samples_a_second``, ``step_seconds``,
        ``data_seconds`` (waiting for data, a step) and ``peak_memory_gb``.
    """
    for _ in range(warm_up):
        step(next(data))
    reset_peak_memory(device)
    waits = seconds = 0.0
    frames = 0
    for _ in range(iterations):
        start = time.perf_counter()
        batch = next(data)
        loaded = time.perf_counter()
        step(batch)
        waits += loaded - start
        seconds += time.perf_counter() - loaded
        frames += sum(len(rgb) for rgb in batch['inputs']['rgb'])
    return dict(
        frames_a_sample=frames / (batch_size * iterations),
        samples_a_second=batch_size * iterations / (waits + seconds),
        step_seconds=seconds / iterations,
        data_seconds=waits / iterations,
        peak_memory_gb=peak_memory(device),
    )


def utilisation(
    model: nn.Module,
    step: Callable[[dict], None],
    data: Iterator[dict],
    step_seconds: float,
    peak: float,
) -> dict[str, float]:
    """Count the operations of a step.

    Args:
        model: The model.
        step: Trains it on a batch.
        data: Batches.
        step_seconds: What a step takes.
        peak: FLOP/s that the device can reach.

    Returns:
        dict[str, float]: ``model_tflop_a_step``, ``recomputed_tflop_a_step`` (by
        gradient checkpointing), ``peak_tflops`` and ``model_flops_utilisation``.
    """
    batch = next(data)
    operations = count_operations(model, lambda: step(batch))
    return dict(
        model_tflop_a_step=operations.model / 1e12,
        recomputed_tflop_a_step=operations.recomputed / 1e12,
        peak_tflops=peak / 1e12,
        model_flops_utilisation=operations.model / step_seconds / peak,
    )


def profile_parts(
    step: Callable[[dict], None],
    data: Iterator[dict],
    parts: Sequence[str],
    count: int,
    device: str,
) -> dict[str, float | dict[str, list[float]]]:
    """Profile some steps by part of the model.

    Args:
        step: Trains on a batch, and returns when the device is done.
        data: Batches.
        parts: Names of the ranges that the model's parts open.
        count: Steps to profile.
        device: The model's device.

    Returns:
        ``kernel_seconds`` of a step, on an accelerator, and ``share_of_step``: of
        forward and backward by part, of the optimizer, and of the rest.
    """
    activities = [ProfilerActivity.CPU]
    on_device = device != 'cpu'
    if on_device:
        activities.append(ProfilerActivity.CUDA)
    loaded = [next(data) for _ in range(count)]
    with profile(activities=activities) as profiler:
        for batch in loaded:
            with record_function(STEP):
                step(batch)
    events = profiler.events()
    optimizer = sorted({e.name for e in events if e.name.startswith('Optimizer.step')})
    times = part_times(events, [*parts, *optimizer], on_device)
    whole = whole_time(events, STEP, on_device)
    shares = {
        name: [seconds / whole for seconds in times[name]]
        for name in parts
        if any(times[name])
    }
    shares['optimizer'] = [sum(times[name].forward for name in optimizer) / whole, 0.0]
    shares['rest'] = [1 - sum(map(sum, shares.values())), 0.0]
    kernels = dict(kernel_seconds=whole / count) if on_device else {}
    return dict(kernels, share_of_step=shares)


def cache_use(model: nn.Module) -> dict[str, dict[str, int]]:
    """Return how often features came from a cache, if there is one."""
    encoder = getattr(model, 'scene_encoder', getattr(model, 'frame_encoder', None))
    cache = getattr(encoder, 'feature_cache', None)
    if cache is None:
        return {}
    return dict(feature_cache=dict(hits=cache.hits, misses=cache.misses))
