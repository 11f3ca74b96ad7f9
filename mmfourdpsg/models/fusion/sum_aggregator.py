"""Aggregator that adds RGB and depth features."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class SumAggregator(BaseModule):
    """RGB plus linearly lifted depth, the ablation of :class:`SAGate`.

    Args:
        rgb_channels: Channels C of RGB and of the output.
        depth_channels: Channels D of depth.
        init_cfg: mmengine's initialisation config.
    """

    def __init__(
        self, rgb_channels: int, depth_channels: int, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.lift = nn.Linear(depth_channels, rgb_channels)

    def forward(self, rgb: Tensor, depth: Tensor, has_depth: Tensor) -> Tensor:
        """Add.

        Args:
            rgb: ``[B, T, h, w, C]``.
            depth: ``[B, T, h, w, D]``.
            has_depth: bool, ``[B]`` a sample or ``[B, T]`` a frame.

        Returns:
            Tensor: ``[B, T, h, w, C]``; exactly ``rgb`` where there is no depth.
        """
        has_depth = has_depth.reshape(len(rgb), -1, 1, 1, 1)
        return torch.where(has_depth, rgb + self.lift(depth).to(rgb.dtype), rgb)
