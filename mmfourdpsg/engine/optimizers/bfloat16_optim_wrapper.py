"""Optimizer wrapper of bfloat16 mixed precision, without loss scaling."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.optim import OptimWrapper
from mmengine.runner.amp import autocast
from torch import nn

from mmfourdpsg.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class Bfloat16OptimWrapper(OptimWrapper):
    """Runs the forward pass in bfloat16, on a CPU as on an accelerator.

    Weights, gradients and the optimizer's state stay as they are. bfloat16 has
    float32's range, so nothing is scaled. MMEngine's ``AmpOptimWrapper``, which can
    scale, refuses a CPU. A processor multiplies matrices of bfloat16 faster if it has
    instructions for it (AVX512-BF16, AMX), and slower otherwise.

    It takes the arguments of :class:`mmengine.optim.OptimWrapper`.

    Args:
        only_where_fast: Whether a model on a processor without such instructions runs
            in float32.
    """

    def __init__(self, *args: Any, only_where_fast: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.only_where_fast = only_where_fast

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter bfloat16, beside what accumulation of gradients needs."""
        device = next(model.parameters()).device.type
        enabled = not self.only_where_fast or device != 'cpu' or _processor_is_fast()
        with (
            super().optim_context(model),
            autocast(dtype=torch.bfloat16, enabled=enabled),
        ):
            yield


def _processor_is_fast() -> bool:
    """Return whether the processor has instructions for products of bfloat16."""
    probes = ('_is_avx512_bf16_supported', '_is_amx_tile_supported')
    return any(getattr(torch.cpu, name, bool)() for name in probes)
