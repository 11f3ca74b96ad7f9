"""Optimizer wrapper of bfloat16 mixed precision, without loss scaling."""

from collections.abc import Iterator
from contextlib import contextmanager

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
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Enter bfloat16, beside what accumulation of gradients needs."""
        with super().optim_context(model), autocast(dtype=torch.bfloat16):
            yield
