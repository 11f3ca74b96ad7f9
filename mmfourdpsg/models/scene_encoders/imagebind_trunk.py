"""The transformer trunk of one ImageBind modality."""

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .imagebind_block import ImageBindBlock


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
