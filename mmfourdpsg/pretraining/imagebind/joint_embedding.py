"""Joint embedding: paired RGB and depth features and the spaces that compare them."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.models.scene_encoders import FrameEncoder

MAX_SCALE = 100.0


class PairedEncoder(FrameEncoder):
    """The two encoders of a :class:`SceneEncoder` for single frames, to be trained.

    Args:
        rgb_encoder: Config of e.g. :class:`ImageBindVisionEncoder`.
        depth_encoder: Config of e.g. :class:`ImageBindDepthEncoder`.
        depth_to_disparity: Config of :class:`DepthToDisparity`.
    """

    def __init__(
        self, rgb_encoder: dict, depth_encoder: dict, depth_to_disparity: dict
    ) -> None:
        super().__init__(
            rgb_encoder, depth_encoder, depth_to_disparity, frozen_encoders=False
        )

    def forward(self, rgb: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Encode frames one by one.

        Args:
            rgb: uint8 ``[F, 3, H, W]``.
            depth: float ``[F, H, W]`` metres, 0 = unknown.

        Returns:
            tuple[Tensor, Tensor]: ``[F, gh, gw, C]`` of RGB, ``[F, gh, gw, D]`` of
            depth, resized to the RGB encoder's grid if need be.
        """
        return self.encode_rgb(rgb[None])[0], self.encode_depth(depth[None])[0]


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
