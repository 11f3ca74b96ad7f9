"""Floating-point operations of a training step."""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from .operation_counter import OperationCounter


class StepOperations(NamedTuple):
    """Floating-point operations of matrix products, convolutions and attention.

    Attributes:
        total: All that were done.
        recomputed: Those of them that gradient checkpointing did a second time. Model
            FLOPs are the rest.
    """

    total: int
    recomputed: int

    @property
    def model(self) -> int:
        """What the step needs, however it is computed."""
        return self.total - self.recomputed


def count_operations(model: nn.Module, step: Callable[[], object]) -> StepOperations:
    """Run a step and count.

    Args:
        model: The model; a module's call within the backward pass is recomputation.
        step: Does forward, backward and update.

    Returns:
        The operations, two for each multiply-add.
    """
    counter = OperationCounter()
    # Calls of modules that are under way in the backward pass, and operations before.
    calls: list[int] = []
    recomputed = 0
    state = dict(backward=False)

    def begins(_module, _inputs):
        if state['backward']:
            calls.append(counter.total)

    def ends(_module, _inputs, _output):
        nonlocal recomputed
        if not calls:
            return
        before = calls.pop()
        if not calls:
            recomputed += counter.total - before

    handles = []
    for module in model.modules():
        handles.append(module.register_forward_pre_hook(begins))
        # Recomputation stops with an exception where nothing more is needed.
        handles.append(module.register_forward_hook(ends, always_call=True))
    handles.append(model.register_forward_hook(lambda *_: state.update(backward=True)))
    try:
        with counter:
            step()
    finally:
        for handle in handles:
            handle.remove()
    return StepOperations(counter.total, recomputed)
