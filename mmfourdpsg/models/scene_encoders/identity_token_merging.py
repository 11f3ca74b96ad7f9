"""Token merging that merges nothing: every patch of every frame is a token."""

import torch
from torch import Tensor

from mmfourdpsg.registry import MODELS

from .base_token_merging import BaseTokenMerging


@MODELS.register_module()
class IdentityTokenMerging(BaseTokenMerging):
    """All tokens, with time and position embedding; an ablation.

    Arguments are those of :class:`BaseTokenMerging`.
    """

    def forward(
        self, features: Tensor, frame_mask: Tensor, frame_times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Flatten frames to tokens.

        Args:
            features: ``[B, T, h, w, C]``.
            frame_mask: bool ``[B, T]``, False = padding.
            frame_times: ``[B, T]`` in 0..1 of the video.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, T * h * w, C]`` and a bool mask of
            real ones.
        """
        tokens = features.flatten(2, 3)  # [B, T, N, C]
        times = frame_times[:, :, None, None].expand(-1, -1, tokens.shape[2], 3)
        tokens = self.embed(tokens, times, self.patch_centers(features))
        tokens = tokens.where(frame_mask[:, :, None, None], 0.0)
        mask = torch.repeat_interleave(frame_mask, tokens.shape[2], dim=1)
        return tokens.flatten(1, 2), mask
