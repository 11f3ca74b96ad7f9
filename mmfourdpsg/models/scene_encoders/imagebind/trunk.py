"""The transformer trunk of one ImageBind modality, and what it is made of."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


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


class ImageBindBlock(nn.Module):
    """Pre-norm block: attention, then an MLP, each with a residual.

    Args:
        embed_dims: Channels C.
        num_heads: Attention heads.
        mlp_ratio: Hidden channels of the MLP as a multiple of C.
        add_bias_kv: See :class:`ImageBindAttention`.
        drop_path: Probability to skip a residual branch of a sample in training.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        mlp_ratio: int = 4,
        add_bias_kv: bool = False,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        self.drop_path = drop_path
        self.attn = ImageBindAttention(embed_dims, num_heads, add_bias_kv)
        self.norm_1 = nn.LayerNorm(embed_dims, eps=1e-6)
        # The official keys are mlp.fc1 and mlp.fc2.
        self.mlp = nn.ModuleDict(
            {
                'fc1': nn.Linear(embed_dims, mlp_ratio * embed_dims),
                'fc2': nn.Linear(mlp_ratio * embed_dims, embed_dims),
            }
        )
        self.norm_2 = nn.LayerNorm(embed_dims, eps=1e-6)
        for layer in self.mlp.values():
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Refine tokens.

        Args:
            tokens: ``[N, L, C]``.

        Returns:
            Tensor: ``[N, L, C]``.
        """
        tokens = tokens + self._drop(self.attn(self.norm_1(tokens)))
        hidden = nn.functional.gelu(self.mlp['fc1'](self.norm_2(tokens)))
        return tokens + self._drop(self.mlp['fc2'](hidden))

    def _drop(self, branch: Tensor) -> Tensor:
        if not self.training or self.drop_path == 0.0:
            return branch
        keep = 1.0 - self.drop_path
        kept = torch.rand(len(branch), 1, 1, device=branch.device) < keep
        # Dividing by the probability leaves the expectation as in inference.
        return branch * kept.to(branch.dtype) / keep


class ImageBindTrunk(nn.Module):
    """A stack of blocks, with an optional LayerNorm before the first.

    Args:
        embed_dims: Channels C.
        num_blocks: Number of blocks.
        num_heads: Attention heads.
        mlp_ratio: Hidden channels of each MLP as a multiple of C.
        pre_norm: Normalise the tokens first (vision only).
        add_bias_kv: Append a learned key and value (all but vision and text).
        drop_path_rate: Drop-path probability of the last block; it grows linearly
            from 0 at the first. Official vision and depth trunks use 0.
        gradient_checkpointing: Recompute blocks in the backward pass to save
            memory.
    """

    def __init__(
        self,
        embed_dims: int,
        num_blocks: int,
        num_heads: int,
        mlp_ratio: int = 4,
        pre_norm: bool = False,
        add_bias_kv: bool = False,
        drop_path_rate: float = 0.0,
        gradient_checkpointing: bool = False,
    ) -> None:
        super().__init__()
        self.gradient_checkpointing = gradient_checkpointing
        # A Sequential, since the official key is pre_transformer_layer.0.
        norm = nn.LayerNorm(embed_dims, eps=1e-6) if pre_norm else nn.Identity()
        self.pre_transformer_layer = nn.Sequential(norm)
        last = max(num_blocks - 1, 1)
        self.blocks = nn.ModuleList(
            ImageBindBlock(
                embed_dims,
                num_heads,
                mlp_ratio,
                add_bias_kv,
                drop_path=drop_path_rate * index / last,
            )
            for index in range(num_blocks)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Run all blocks.

        Args:
            tokens: ``[N, L, C]``, CLS first.

        Returns:
            Tensor: ``[N, L, C]``, not yet normalised (the head's LayerNorm does).
        """
        tokens = self.pre_transformer_layer(tokens)
        recompute = self.gradient_checkpointing and self.training
        for block in self.blocks:
            if recompute:
                tokens = checkpoint(block, tokens, use_reentrant=False)
            else:
                tokens = block(tokens)
        return tokens
