"""A pyramid of scales from the one scale of a vision transformer's features."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class SceneFeaturePyramid(BaseModule):
    """Makes four scales of patch features, in place of the outputs of a backbone.

    The grid is made four times and twice as fine by transposed convolutions, kept, and
    made half as fine by pooling; 1x1 and 3x3 convolutions take each to one width.
    Source: Li et al., "Exploring plain vision transformer backbones for object
    detection" (ECCV 2022), section 3, "simple feature pyramid".

    Shapes: ``F`` frames, ``gh`` x ``gw`` patches, ``C`` channels of a patch.

    Args:
        in_channels: ``C``, a multiple of 4.
        out_channels: Channels of each scale.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        out_channels: Channels of the four scales, the finest first.

    Raises:
        ValueError: ``in_channels`` is no multiple of 4.
    """

    def __init__(
        self, in_channels: int, out_channels: int = 256, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        if in_channels % 4:
            raise ValueError(f'in_channels is {in_channels}, expected a multiple of 4')
        half, quarter = in_channels // 2, in_channels // 4
        self.scales = nn.ModuleList(
            [
                nn.Sequential(
                    nn.ConvTranspose2d(in_channels, half, 2, stride=2),
                    _ChannelNorm(half),
                    nn.GELU(),
                    nn.ConvTranspose2d(half, quarter, 2, stride=2),
                ),
                nn.ConvTranspose2d(in_channels, half, 2, stride=2),
                nn.Identity(),
                nn.MaxPool2d(2, ceil_mode=True),
            ]
        )
        self.laterals = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, out_channels, 1, bias=False),
                _ChannelNorm(out_channels),
                nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
                _ChannelNorm(out_channels),
            )
            for channels in (quarter, half, in_channels, in_channels)
        )
        self.out_channels = [out_channels] * 4

    def forward(self, features: Tensor) -> list[Tensor]:
        """Make the scales.

        Args:
            features: ``[F, gh, gw, C]``.

        Returns:
            list[Tensor]: ``[F, out_channels, s * gh, s * gw]`` for the scales ``s`` of
            4, 2, 1 and 1/2.
        """
        x = features.permute(0, 3, 1, 2)  # [F, C, gh, gw]
        return [
            lateral(scale(x))
            for scale, lateral in zip(self.scales, self.laterals, strict=True)
        ]


class _ChannelNorm(nn.LayerNorm):
    """LayerNorm of each pixel of ``[F, C, h, w]`` over its channels."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)
