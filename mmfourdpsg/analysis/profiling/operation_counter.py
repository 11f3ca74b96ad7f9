"""Dispatch mode that counts floating-point operations."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import (
    FlopCounterMode,
    sdpa_backward_flop_count,
    sdpa_flop_count,
)

Shape = Sequence[int]


def _attention(query: Shape, key: Shape, value: Shape, *_rest, **_options) -> int:
    return sdpa_flop_count(query, key, value)


def _attention_backward(
    gradient: Shape, query: Shape, key: Shape, value: Shape, *_rest, **_options
) -> int:
    return sdpa_backward_flop_count(gradient, query, key, value)


# Fused attention of processors, which PyTorch's counter does not know by itself.
ATTENTION = {
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: (
        _attention_backward
    ),
}


class OperationCounter(TorchDispatchMode):
    """Counts the operations of matrix products, convolutions and attention.

    By the formulas of PyTorch's ``FlopCounterMode``, which itself also follows modules
    through the backward pass, by hooks that keep what is computed again alive until it
    is left: under it gradient checkpointing saves only a part of the memory. Fused
    operators without a formula count nothing. For plain tensors: nested ones and
    higher-order operators are not supported.

    Attributes:
        total: Operations since it was made, two for each multiply-add.
    """

    def __init__(self) -> None:
        super().__init__()
        counter = FlopCounterMode(display=False, custom_mapping=ATTENTION)
        self._formulas = counter.flop_registry
        self.total = 0

    def __torch_dispatch__(
        self,
        func: Callable,
        types: Sequence[type],
        args: tuple = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run an operator and count what it does."""
        kwargs = kwargs or {}
        if func.namespace == 'prim':
            return func(*args, **kwargs)
        formula = self._formulas.get(func._overloadpacket)
        if formula is None:
            # In inference mode an operator comes before it is taken apart.
            with self:
                parts = func.decompose(*args, **kwargs)
            return func(*args, **kwargs) if parts is NotImplemented else parts
        out = func(*args, **kwargs)
        self.total += formula(*args, **kwargs, out_val=out)
        return out
