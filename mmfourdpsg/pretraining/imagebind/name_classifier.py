"""Names of objects by similarity with learned embeddings."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .joint_space import JointSpace


class NameClassifier(nn.Module):
    """Aligns both modalities with names, as ImageBind aligns images with text.

    Args:
        rgb_channels: Channels C of RGB features.
        depth_channels: Channels D of depth features.
        width: Channels W of the space of names.
        num_names: Names K.
    """

    def __init__(
        self, rgb_channels: int, depth_channels: int, width: int, num_names: int
    ) -> None:
        super().__init__()
        self.space = JointSpace(rgb_channels, depth_channels, width)
        self.names = nn.Parameter(torch.randn(num_names, width) * width**-0.5)

    def forward(self, rgb: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Classify.

        Args:
            rgb: ``[..., C]`` RGB features of objects.
            depth: ``[..., D]`` depth features of objects.

        Returns:
            tuple[Tensor, Tensor]: Logits ``[..., K]`` of either modality: cosine
            similarities over the temperature.
        """
        names = self.space.scale() * F.normalize(self.names, dim=-1)
        return (
            self.space.project_rgb(rgb) @ names.T,
            self.space.project_depth(depth) @ names.T,
        )


def name_loss(logits: Tensor, labels: Tensor, shown: Tensor) -> Tensor:
    """Cross-entropy of names.

    Args:
        logits: ``[F, M, K]``.
        labels: int64 ``[F, M]``.
        shown: bool ``[F, M]``, the objects that count.

    Returns:
        Tensor: ``[]``, the mean over the objects that count; 0 without any.
    """
    if not shown.any():
        return logits.sum() * 0.0
    return F.cross_entropy(logits[shown], labels[shown])
