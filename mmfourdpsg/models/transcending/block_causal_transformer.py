"""Transformer over frames of patches with block-causal attention."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class KeyValueCache(NamedTuple):
    """Keys and values of the frames so far, of one layer.

    Attributes:
        keys: ``[B, heads, S, channels]``.
        values: ``[B, heads, S, channels]``.
    """

    keys: Tensor
    values: Tensor


class BlockCausalAttention(nn.Module):
    """Self-attention in which a frame sees itself and all earlier frames.

    Args:
        embed_dims: Channels ``E``.
        num_heads: Attention heads.
    """

    def __init__(self, embed_dims: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(embed_dims, 3 * embed_dims)
        self.out = nn.Linear(embed_dims, embed_dims)

    def forward(
        self, tokens: Tensor, patches: int, cache: KeyValueCache | None
    ) -> tuple[Tensor, KeyValueCache]:
        """Attend.

        Args:
            tokens: New tokens ``[B, S, E]``, frame after frame.
            patches: Tokens of a frame.
            cache: Of the frames before; None for none.

        Returns:
            tuple: Tokens ``[B, S, E]`` and the cache with the new ones.
        """
        query, keys, values = (
            part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            for part in self.qkv(tokens).chunk(3, dim=-1)
        )  # [B, heads, S, E / heads]
        before = 0
        if cache is not None:
            before = cache.keys.shape[2]
            keys = torch.cat([cache.keys, keys], dim=2)
            values = torch.cat([cache.values, values], dim=2)
        # Frame by frame no mask is needed, which lets the fused kernels run, and what
        # may not be seen is not computed.
        out = torch.cat(
            [
                F.scaled_dot_product_attention(
                    query[:, :, start : start + patches],
                    keys[:, :, : before + start + patches],
                    values[:, :, : before + start + patches],
                )
                for start in range(0, tokens.shape[1], patches)
            ],
            dim=2,
        )
        return self.out(out.transpose(1, 2).flatten(2)), KeyValueCache(keys, values)


class BlockCausalLayer(nn.Module):
    """Attention and a two-layer MLP, each behind a LayerNorm and added.

    Args:
        embed_dims: Channels ``E``.
        num_heads: Attention heads.
        mlp_ratio: Width of the MLP over ``E``.
    """

    def __init__(self, embed_dims: int, num_heads: int, mlp_ratio: float) -> None:
        super().__init__()
        hidden = int(mlp_ratio * embed_dims)
        self.attention_norm = nn.LayerNorm(embed_dims)
        self.attention = BlockCausalAttention(embed_dims, num_heads)
        self.mlp_norm = nn.LayerNorm(embed_dims)
        self.mlp = nn.Sequential(
            nn.Linear(embed_dims, hidden), nn.GELU(), nn.Linear(hidden, embed_dims)
        )

    def forward(
        self, tokens: Tensor, patches: int, cache: KeyValueCache | None
    ) -> tuple[Tensor, KeyValueCache]:
        """Return tokens ``[B, S, E]`` and the cache with them."""
        update, cache = self.attention(self.attention_norm(tokens), patches, cache)
        tokens = tokens + update
        return tokens + self.mlp(self.mlp_norm(tokens)), cache


class BlockCausalTransformer(nn.Module):
    """Layers over all patches of all frames so far.

    Patches of a frame see each other and every earlier frame, never a later one, so
    that frames can be given at once or one after the other, with the same outcome.

    Args:
        embed_dims: Channels ``E``.
        num_layers: Layers.
        num_heads: Attention heads.
        mlp_ratio: Width of the MLPs over ``E``.
    """

    def __init__(
        self,
        embed_dims: int,
        num_layers: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            BlockCausalLayer(embed_dims, num_heads, mlp_ratio)
            for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(embed_dims)

    def forward(
        self, frames: Tensor, cache: list[KeyValueCache] | None = None
    ) -> tuple[Tensor, list[KeyValueCache]]:
        """Read new frames.

        Args:
            frames: ``[B, T, P, E]``, P patches each.
            cache: Of the frames before, as an earlier call returned it.

        Returns:
            tuple: ``[B, T, P, E]``, and the cache with the new frames.
        """
        num_frames, patches = frames.shape[1:3]
        tokens = frames.flatten(1, 2)  # [B, T * P, E]
        caches = []
        for layer, old in zip(
            self.layers, cache or [None] * len(self.layers), strict=True
        ):
            tokens, new = layer(tokens, patches, old)
            caches.append(new)
        return self.norm(tokens).unflatten(1, (num_frames, patches)), caches
