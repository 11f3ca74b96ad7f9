"""A space where RGB and depth features can be compared."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MAX_SCALE = 100.0


class JointSpace(nn.Module):
    """One linear projection a modality, and a learned temperature.

    Args:
        rgb_channels: Channels C of RGB features.
        depth_channels: Channels D of depth features.
        width: Channels W of the joint space.
        temperature: Initial temperature of the softmax over cosine similarities.
    """

    def __init__(
        self,
        rgb_channels: int,
        depth_channels: int,
        width: int,
        temperature: float = 0.07,
    ) -> None:
        super().__init__()
        self.rgb = nn.Linear(rgb_channels, width)
        self.depth = nn.Linear(depth_channels, width)
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))

    def scale(self) -> Tensor:
        """Factor of cosine similarities: 1 / temperature, at most 100.

        Returns:
            Tensor: ``[]``.
        """
        # The parameter itself is held back: past the bound it would get no gradient.
        with torch.no_grad():
            self.log_scale.clamp_(max=math.log(MAX_SCALE))
        return self.log_scale.exp()

    def project_rgb(self, features: Tensor) -> Tensor:
        """Project ``[..., C]`` to unit vectors ``[..., W]``."""
        return F.normalize(self.rgb(features).float(), dim=-1)

    def project_depth(self, features: Tensor) -> Tensor:
        """Project ``[..., D]`` to unit vectors ``[..., W]``."""
        return F.normalize(self.depth(features).float(), dim=-1)
