"""Embeddings of real numbers such as times and positions."""

import math

import torch
from torch import Tensor, nn


class FourierEmbedding(nn.Module):
    """Sines and cosines at doubling frequencies, then a linear layer.

    Args:
        num_inputs: Numbers D that are embedded together.
        embed_dims: Output channels C.
        num_frequencies: Frequencies; the highest tells ``2**(1 - n)`` apart.
    """

    def __init__(
        self, num_inputs: int, embed_dims: int, num_frequencies: int = 8
    ) -> None:
        super().__init__()
        frequencies = math.pi * 2.0 ** torch.arange(num_frequencies)
        self.register_buffer('frequencies', frequencies, persistent=False)
        self.projection = nn.Linear(2 * num_inputs * num_frequencies, embed_dims)

    def forward(self, values: Tensor) -> Tensor:
        """Embed.

        Args:
            values: ``[..., D]`` in 0..1.

        Returns:
            Tensor: ``[..., C]``.
        """
        # In float32 always: bfloat16 holds no phase of 128 pi.
        angles = values.float()[..., None] * self.frequencies.float()
        waves = torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(-2)
        return self.projection(waves.to(self.projection.weight.dtype))
