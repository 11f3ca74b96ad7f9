"""Separation-and-aggregation gate: RGB and depth features into one."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.checkpoint_file import load_part


@MODELS.register_module()
class SAGate(BaseModule):
    """Fuse RGB and depth features frame by frame.

    Source: Chen et al., "Bi-directional Cross-Modality Feature Propagation with
    Separation-and-Aggregation Gate for RGB-D Semantic Segmentation" (ECCV 2020),
    section 3.2; the aggregator that the 4D-LLM paper names (section 3.1).
    First, channel attention from the pooled pair of modalities filters each one
    before it is added to the other. Then two spatial maps, computed on these
    recalibrated features, weigh the raw features by a softmax. The original ends in
    ReLUs for its ResNet; features of a vision transformer are signed, so not here.

    Args:
        rgb_channels: Channels C of RGB and of the output.
        depth_channels: Channels D of depth; a learned linear lift takes them to C.
        reduction: Divides C in the hidden layer of the channel attention.
        checkpoint: Weights to begin with (``safetensors``, ``aggregator.*``), loaded by
            :meth:`init_weights`; None begins with random ones.
        init_cfg: mmengine's initialisation config.
    """

    def __init__(
        self,
        rgb_channels: int,
        depth_channels: int,
        reduction: int = 16,
        checkpoint: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.checkpoint = checkpoint
        self.lift = nn.Linear(depth_channels, rgb_channels)
        # Depth is added to features that are pretrained, and should not begin by
        # drowning them in noise.
        nn.init.normal_(self.lift.weight, std=1e-3)
        nn.init.zeros_(self.lift.bias)
        self.filter_depth = self._attention(rgb_channels, reduction)
        self.filter_rgb = self._attention(rgb_channels, reduction)
        self.gate = nn.Linear(2 * rgb_channels, 2)

    def init_weights(self) -> None:
        """Load the checkpoint, if there is one.

        Raises:
            InputError: Its weights are not those of this gate.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_part(self, self.checkpoint, 'aggregator.')

    @staticmethod
    def _attention(channels: int, reduction: int) -> nn.Sequential:
        hidden = max(channels // reduction, 1)
        return nn.Sequential(
            nn.Linear(2 * channels, hidden),
            nn.ReLU(),
            nn.Linear(hidden, channels),
            nn.Sigmoid(),
        )

    def forward(self, rgb: Tensor, depth: Tensor, has_depth: Tensor) -> Tensor:
        """Fuse.

        Args:
            rgb: ``[B, T, h, w, C]``.
            depth: ``[B, T, h, w, D]``.
            has_depth: bool, ``[B]`` a sample or ``[B, T]`` a frame.

        Returns:
            Tensor: ``[B, T, h, w, C]``; exactly ``rgb`` where there is no depth.
        """
        lifted = self.lift(depth)  # [B, T, h, w, C]
        pooled = torch.cat([lifted, rgb], dim=-1).mean(dim=(2, 3), keepdim=True)
        # pooled: [B, T, 1, 1, 2C]
        rgb_recalibrated = rgb + self.filter_depth(pooled) * lifted
        depth_recalibrated = lifted + self.filter_rgb(pooled) * rgb
        recalibrated = torch.cat([rgb_recalibrated, depth_recalibrated], dim=-1)
        gates = self.gate(recalibrated).softmax(dim=-1)  # [B, T, h, w, 2]
        fused = gates[..., :1] * rgb + gates[..., 1:] * lifted
        has_depth = has_depth.reshape(len(rgb), -1, 1, 1, 1)
        return torch.where(has_depth, fused.to(rgb.dtype), rgb)
