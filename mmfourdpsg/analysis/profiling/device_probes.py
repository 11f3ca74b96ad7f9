"""Probes of a device: its rate in matrix products, and the peak of its memory."""

import contextlib
import resource
import time
from pathlib import Path

import torch

# What resets a process's peak (Linux).
CLEAR = Path('/proc/self/clear_refs')


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


def read_rate(device: str, size: int = 2**28) -> float:
    """Return the bytes a second that a copy reads and writes, the best of five.

    Args:
        device: The device.
        size: Bytes that are copied; more than caches hold.
    """
    source = torch.ones(size // 4, device=device)
    target = torch.empty_like(source)
    times = []
    for _ in range(6):
        synchronise(device)
        start = time.perf_counter()
        target.copy_(source)
        synchronise(device)
        times.append(time.perf_counter() - start)
    return 2 * source.nbytes / min(times[1:])
