"""Optimizer wrapper of DeepSpeed that runs on a current PyTorch."""

import torch
from mmengine._strategy.deepspeed import DeepSpeedOptimWrapper

from mmfourdpsg.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class SceneGraphDeepSpeedOptimWrapper(DeepSpeedOptimWrapper):
    """Steps without a graph.

    ZeRO copies flat buffers into parameters in place, which PyTorch from 2.13 on
    refuses for leaves that require gradients, outside of ``no_grad``.
    """

    @torch.no_grad()
    def step(self, **kwargs) -> None:
        """Have the engine step; keyword arguments are not used."""
        super().step(**kwargs)
