"""SA-Gate on two feature maps of equal width."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn


class SAGateCore(BaseModule):
    """Fuse two feature maps of the same size, channels last.

    Source: Chen et al., "Bi-directional Cross-Modality Feature Propagation with
    Separation-and-Aggregation Gate for RGB-D Semantic Segmentation" (ECCV 2020),
    section 3.2. First, channel attention from the pooled pair of modalities filters
    each one before it is added to the other. Then two spatial maps, computed on these
    recalibrated features, weigh the raw features by a softmax. Leading dimensions are
    any, so that a stage of a CNN (``x.permute(0, 2, 3, 1)``) fits as well as the frames
    of a video.

    Args:
        channels: Channels ``C`` of either map.
        reduction: Divides ``C`` in the hidden layer of the channel attention.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self, channels: int, reduction: int = 16, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.filter_depth = _attention(channels, reduction)
        self.filter_rgb = _attention(channels, reduction)
        self.gate = nn.Linear(2 * channels, 2)

    def fuse(self, rgb: Tensor, depth: Tensor) -> Tensor:
        """Fuse.

        Args:
            rgb: ``[..., h, w, C]``.
            depth: ``[..., h, w, C]``.

        Returns:
            Tensor: ``[..., h, w, C]``.
        """
        pooled = torch.cat([depth, rgb], dim=-1).mean(dim=(-3, -2), keepdim=True)
        # pooled: [..., 1, 1, 2C]
        rgb_recalibrated = rgb + self.filter_depth(pooled) * depth
        depth_recalibrated = depth + self.filter_rgb(pooled) * rgb
        recalibrated = torch.cat([rgb_recalibrated, depth_recalibrated], dim=-1)
        gates = self.gate(recalibrated).softmax(dim=-1)  # [..., h, w, 2]
        return gates[..., :1] * rgb + gates[..., 1:] * depth


def _attention(channels: int, reduction: int) -> nn.Sequential:
    hidden = max(channels // reduction, 1)
    return nn.Sequential(
        nn.Linear(2 * channels, hidden),
        nn.ReLU(),
        nn.Linear(hidden, channels),
        nn.Sigmoid(),
    )
