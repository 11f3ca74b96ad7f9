"""A prompt embedding that tells what an object looks like and where it is."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .simulated_prompts import mask_boxes


class ObjectEmbedding(nn.Module):
    """One prompt token from an object's mask in a reference frame.

    It stands in for the hidden state behind ``[Obj]``: the same token prompts every
    frame, although the object moves, so the decoder learns to follow an object that is
    described rather than clicked.

    Shapes: ``N`` objects, ``C`` channels, ``g`` rows and columns of the image
    embedding, ``s`` of the masks.

    Args:
        channels: Channels ``C`` of image embedding and prompt tokens.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.Linear(3 * channels, 2 * channels),
            nn.GELU(),
            nn.Linear(2 * channels, channels),
        )

    def forward(
        self, features: Tensor, masks: Tensor, position_encoding: nn.Module
    ) -> Tensor:
        """Return prompt tokens ``[N, C]``.

        Args:
            features: Image embedding of each object's reference frame
                ``[N, C, g, g]``.
            masks: Its mask there ``[N, s, s]`` in 0..1.
            position_encoding: SAM2's encoding of points ``[N, 2, 2]`` in 0..1 as
                ``[N, 2, C]``.
        """
        weights = F.interpolate(masks[:, None], features.shape[-2:], mode='area')
        weights = weights / weights.sum(dim=(2, 3), keepdim=True).clamp(min=1e-6)
        looks = self.norm((features * weights).sum(dim=(2, 3)))
        corners = mask_boxes(masks) / masks.shape[-1]
        place = position_encoding(corners).flatten(1)  # [N, 2 C]
        return self.mlp(torch.cat([looks, place.to(looks.dtype)], dim=1))
