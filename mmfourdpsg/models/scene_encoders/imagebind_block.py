"""One transformer block of an ImageBind trunk."""

import torch
from torch import Tensor, nn

from .imagebind_attention import ImageBindAttention


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
