"""Features of a video's objects in each frame, from queries that are of all frames."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class QueryFusion(BaseModule):
    """Adds to an object's query what its mask covers in a frame.

    ``LayerNorm(query + W mean of mask features under the soft mask)``: what an object
    is stays the same, what it looks like may change. Gradients reach the query, the
    mask and the features.

    Args:
        embed_dims: Channels ``C`` of a query.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(self, embed_dims: int, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.linear = nn.Linear(embed_dims, embed_dims)
        self.norm = nn.LayerNorm(embed_dims)

    def forward(
        self, queries: Tensor, masks: Tensor, mask_features: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Fuse.

        Args:
            queries: ``[Q, C]``.
            masks: Logits ``[Q, T, h, w]``.
            mask_features: ``[T, C, h, w]``.

        Returns:
            tuple[Tensor, Tensor]: Features ``[Q, T, C]``, and bool ``[Q, T]``, in which
            frames the object has any pixel.
        """
        weights = masks.sigmoid()
        sums = torch.einsum('qthw,tchw->qtc', weights, mask_features)
        means = sums / weights.flatten(2).sum(dim=2, keepdim=True).clamp(min=1e-6)
        present = (masks > 0).flatten(2).any(dim=2)
        return self.norm(queries[:, None] + self.linear(means)), present
