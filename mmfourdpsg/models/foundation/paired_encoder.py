"""RGB and depth features of single frames on a common grid."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS


class PairedEncoder(BaseModule):
    """The two encoders of a :class:`SceneEncoder`, without fusion and merging.

    Args:
        rgb_encoder: Config of e.g. :class:`ImageBindVisionEncoder`.
        depth_encoder: Config of e.g. :class:`ImageBindDepthEncoder`.
        depth_to_disparity: Config of :class:`DepthToDisparity`.
    """

    def __init__(
        self, rgb_encoder: dict, depth_encoder: dict, depth_to_disparity: dict
    ) -> None:
        super().__init__()
        self.rgb_encoder = MODELS.build(rgb_encoder)
        self.depth_encoder = MODELS.build(depth_encoder)
        self.depth_to_disparity = MODELS.build(depth_to_disparity)

    @property
    def grid_size(self) -> tuple[int, int]:
        """Rows and columns of the common grid, the RGB encoder's."""
        return self.rgb_encoder.grid_size

    def forward(self, rgb: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Encode frames one by one.

        Args:
            rgb: uint8 ``[F, 3, H, W]``.
            depth: float ``[F, H, W]`` metres, 0 = unknown.

        Returns:
            tuple[Tensor, Tensor]: ``[F, gh, gw, C]`` of RGB, ``[F, gh, gw, D]`` of
            depth, resized to the RGB encoder's grid if need be.
        """
        rgb_features = self.rgb_encoder(rgb.float() / 255)
        disparity = self.depth_to_disparity(depth, self.depth_encoder.input_size)
        depth_features = self.depth_encoder(disparity).permute(0, 3, 1, 2)
        if tuple(depth_features.shape[2:]) != tuple(self.grid_size):
            depth_features = F.interpolate(
                depth_features, self.grid_size, mode='bilinear', align_corners=False
            )
        return rgb_features, depth_features.permute(0, 2, 3, 1)
