"""Encoder of object tubes: across the objects of a frame, then along each tube."""

import math

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class SpatialTemporalEncoder(BaseModule):
    """Transformer over the objects of each frame, and another over each one's frames.

    Objects have no order; frames have their times. Where an object is absent it is no
    key of attention, and its output is 0. Source: Yang et al., "4D panoptic scene graph
    generation" (NeurIPS 2023), section 4.2.

    Shapes: ``N`` objects, ``T`` frames, ``C`` channels.

    Args:
        embed_dims: ``C``.
        spatial_layers: Layers over the objects of a frame.
        temporal_layers: Layers over the frames of an object; 0 is the ablation without
            time, where a frame knows nothing of the others.
        num_heads: Heads of attention.
        feedforward_channels: Hidden channels of a layer.
        dropout: Share that is dropped in training.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        spatial_layers: int = 2,
        temporal_layers: int = 2,
        num_heads: int = 8,
        feedforward_channels: int = 512,
        dropout: float = 0.1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.embed_dims = embed_dims

        def layers(count: int) -> nn.ModuleList:
            return nn.ModuleList(
                nn.TransformerEncoderLayer(
                    embed_dims,
                    num_heads,
                    feedforward_channels,
                    dropout,
                    batch_first=True,
                )
                for _ in range(count)
            )

        self.spatial = layers(spatial_layers)
        self.temporal = layers(temporal_layers)

    def forward(self, x: Tensor, present: Tensor, times: Tensor) -> Tensor:
        """Encode.

        Args:
            x: ``[N, T, C]``.
            present: bool ``[N, T]``, where an object is there.
            times: ``[T]``, numbers of the frames in the video.

        Returns:
            Tensor: ``[N, T, C]``, 0 where an object is absent.
        """
        x = _encode(self.spatial, x.transpose(0, 1), present.T).transpose(0, 1)
        if len(self.temporal):
            x = x + time_embedding(times, self.embed_dims).to(x.dtype)
            x = _encode(self.temporal, x, present)
        return x


def time_embedding(times: Tensor, embed_dims: int) -> Tensor:
    """Return sinusoidal embeddings ``[T, C]`` of times ``[T]``.

    Source: Vaswani et al., "Attention is all you need" (2017), section 3.5.

    Args:
        times: Numbers of frames.
        embed_dims: ``C``, an even number.
    """
    steps = torch.arange(0, embed_dims, 2, device=times.device, dtype=torch.float32)
    angles = times.float()[:, None] * torch.exp(-math.log(1e4) / embed_dims * steps)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # [T, C]


def _encode(layers: nn.ModuleList, x: Tensor, present: Tensor) -> Tensor:
    """Run layers over ``x`` ``[B, L, C]``, of which ``present`` ``[B, L]`` is there."""
    encoded = x * present[..., None]
    # A row without any key would become not a number.
    rows = present.any(dim=1)
    if not len(layers) or not rows.any():
        return encoded
    kept = encoded[rows]
    for layer in layers:
        kept = layer(kept, src_key_padding_mask=~present[rows])
    encoded = torch.zeros_like(x)
    encoded[rows] = kept.to(x.dtype)
    return encoded * present[..., None]
