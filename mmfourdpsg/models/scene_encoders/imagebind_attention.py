"""Self-attention with the parameter names of ``torch.nn.MultiheadAttention``."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ImageBindAttention(nn.Module):
    """Multi-head self-attention as in ImageBind's trunks.

    Parameters carry the names and shapes of ``torch.nn.MultiheadAttention``, so
    that official weights load, but the products run in
    ``scaled_dot_product_attention`` and the batch comes first.

    Args:
        embed_dims: Channels C.
        num_heads: Heads; must divide ``embed_dims``.
        add_bias_kv: Append one learned key and value to every sequence, as
            ImageBind does in its depth trunk.

    Raises:
        ValueError: If ``num_heads`` does not divide ``embed_dims``.
    """

    def __init__(
        self, embed_dims: int, num_heads: int, add_bias_kv: bool = False
    ) -> None:
        super().__init__()
        if embed_dims % num_heads:
            raise ValueError(
                f'embed_dims ({embed_dims}) must be a multiple of num_heads '
                f'({num_heads})'
            )
        self.num_heads = num_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dims, embed_dims))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dims))
        self.out_proj = nn.Linear(embed_dims, embed_dims)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.out_proj.bias)
        if add_bias_kv:
            self.bias_k = nn.Parameter(torch.empty(1, 1, embed_dims))
            self.bias_v = nn.Parameter(torch.empty(1, 1, embed_dims))
            nn.init.xavier_normal_(self.bias_k)
            nn.init.xavier_normal_(self.bias_v)
        else:
            self.bias_k = self.bias_v = None

    def forward(self, tokens: Tensor) -> Tensor:
        """Attend among the tokens of each sequence.

        Args:
            tokens: ``[N, L, C]``.

        Returns:
            Tensor: ``[N, L, C]``.

        Shape legend:
            N sequences, L tokens, C channels, G heads, D channels a head.
        """
        batch, length, channels = tokens.shape
        projected = F.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        query, key, value = projected.chunk(3, dim=-1)  # each [N, L, C]
        if self.bias_k is not None:
            # Cast, since under autocast the projections have the lower precision.
            extra = self.bias_k.to(key.dtype).expand(batch, -1, -1)
            key = torch.cat([key, extra], dim=1)  # [N, L + 1, C]
            extra = self.bias_v.to(value.dtype).expand(batch, -1, -1)
            value = torch.cat([value, extra], dim=1)
        query, key, value = (
            part.reshape(
                batch, -1, self.num_heads, channels // self.num_heads
            ).transpose(1, 2)  # [N, G, L, D]
            for part in (query, key, value)
        )
        attended = F.scaled_dot_product_attention(query, key, value)
        attended = attended.transpose(1, 2).reshape(batch, length, channels)
        return self.out_proj(attended)
