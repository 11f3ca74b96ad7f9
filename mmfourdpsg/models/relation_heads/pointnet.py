"""PointNet: one feature of a cloud of points."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class PointNet(BaseModule):
    """A perceptron on every point, and the greatest values over the points.

    Without the spatial transformers (T-Nets). Source: Qi et al., "PointNet: Deep
    learning on point sets for 3D classification and segmentation" (CVPR 2017).

    Args:
        in_channels: Channels of a point.
        channels: Channels after each layer; the last is that of the feature.
        clouds_per_pass: Most clouds that are encoded at once in use, so that memory
            does not grow with their number.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        embed_dims: Channels of the feature.
    """

    def __init__(
        self,
        in_channels: int = 3,
        channels: Sequence[int] = (64, 128, 256),
        clouds_per_pass: int = 512,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        layers: list[nn.Module] = []
        width = in_channels
        for count in channels:
            layers += [nn.Linear(width, count), nn.BatchNorm1d(count), nn.ReLU()]
            width = count
        # The last values are compared, so that negative ones tell something, too.
        self.layers = nn.Sequential(*layers[:-1])
        self.embed_dims = width
        self.clouds_per_pass = clouds_per_pass

    def forward(self, clouds: Tensor) -> Tensor:
        """Return the features ``[M, C]``.

        Args:
            clouds: ``[M, P, in_channels]``, at least one point each.
        """
        if not len(clouds):
            return clouds.new_zeros(0, self.embed_dims)
        if self.training:
            return self._encode(clouds)
        parts = clouds.split(self.clouds_per_pass)
        return torch.cat([self._encode(part) for part in parts])

    def _encode(self, clouds: Tensor) -> Tensor:
        x = self.layers(clouds.flatten(0, 1))  # [M * P, C]
        return x.unflatten(0, clouds.shape[:2]).amax(dim=1)  # [M, C]
