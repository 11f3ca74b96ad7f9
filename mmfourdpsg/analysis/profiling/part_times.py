"""Time of a training step by part of the model."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from torch.autograd import DeviceType
from torch.autograd.profiler_util import FunctionEvent

_BACKWARD = 'autograd::engine::evaluate_function'


class PartTimes(NamedTuple):
    """Seconds that a part takes.

    Attributes:
        forward: In its own calls.
        backward: In the gradients of what it did there, recomputation included.
    """

    forward: float
    backward: float


def part_times(
    events: Iterable[FunctionEvent], parts: Sequence[str], on_device: bool = False
) -> dict[str, PartTimes]:
    """Sum the time of a profile by part.

    A part is what ran within a ``torch.profiler.record_function`` of its name. Its
    gradients run outside of it; autograd numbers each operation, and its gradient has
    the same number.

    Args:
        events: Events of a ``torch.profiler.profile``.
        parts: Names of the ranges. Where one is within another the inner one counts.
        on_device: Whether kernels of the accelerator are summed in place of time on the
            CPU.

    Returns:
        Times by part; parts that never ran have zeros.
    """
    # Ranges have a copy among the accelerator's events.
    events = [item for item in events if item.device_type == DeviceType.CPU]
    duration = 'device_time_total' if on_device else 'cpu_time_total'
    forward = dict.fromkeys(parts, 0.0)
    backward = dict.fromkeys(parts, 0.0)
    part_of_number: dict[int, str] = {}
    for event in events:
        part = _nearest(event, forward)
        if part is None:
            continue
        if event is part:
            seconds = getattr(event, duration) / 1e6
            forward[event.name] += seconds
            outer = _nearest(event.cpu_parent, forward)
            if outer is not None:
                forward[outer.name] -= seconds
        elif event.sequence_nr >= 0 and not _is_within_backward(event):
            part_of_number[event.sequence_nr] = part.name
    for event in events:
        if not event.name.startswith(_BACKWARD) or _is_within_backward(
            event.cpu_parent
        ):
            continue
        name = part_of_number.get(event.sequence_nr)
        if name is not None:
            backward[name] += getattr(event, duration) / 1e6
    return {name: PartTimes(forward[name], backward[name]) for name in parts}


def whole_time(
    events: Iterable[FunctionEvent], name: str, on_device: bool = False
) -> float:
    """Return the seconds of a whole profile.

    Args:
        events: Events of a ``torch.profiler.profile``.
        name: Name of the range that all of it is within, on the CPU.
        on_device: Whether kernels of the accelerator are summed in place of time on the
            CPU, all of them: those of the backward pass are begun from a thread of its
            own, so that no range has them.

    Raises:
        ValueError: It has no time.
    """
    events = [item for item in events if item.device_type == DeviceType.CPU]
    if on_device:
        roots = (item for item in events if item.cpu_parent is None)
        whole = sum(item.device_time_total for item in roots if not item.is_async)
    else:
        whole = sum(item.cpu_time_total for item in events if item.name == name)
    if not whole:
        raise ValueError(f'the profile has no time within {name!r}')
    return whole / 1e6


def _nearest(event: FunctionEvent | None, names: dict) -> FunctionEvent | None:
    while event is not None and event.name not in names:
        event = event.cpu_parent
    return event


def _is_within_backward(event: FunctionEvent | None) -> bool:
    while event is not None:
        if event.name.startswith(_BACKWARD):
            return True
        event = event.cpu_parent
    return False
