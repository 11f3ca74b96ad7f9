"""F_de: features of depth from those of RGB."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class DepthEstimator(BaseModule):
    """A 3x3 convolution, GELU and a 1x1 convolution on the common grid.

    Source: the 4D-LLM paper, Eq. 2 and appendices C and G (its section 5.1 says MLP).

    Args:
        rgb_channels: Channels ``C`` of RGB features.
        depth_channels: Channels ``D`` of depth features.
        hidden_channels: Channels between the convolutions; None takes ``C``.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        rgb_channels: int,
        depth_channels: int,
        hidden_channels: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        hidden_channels = hidden_channels or rgb_channels
        # What depth a patch has is told by its neighbours, too.
        self.conv = nn.Conv2d(rgb_channels, hidden_channels, 3, padding=1)
        self.activation = nn.GELU()
        self.projector = nn.Conv2d(hidden_channels, depth_channels, 1)

    def forward(self, rgb_features: Tensor) -> Tensor:
        """Estimate depth features, frame by frame.

        Args:
            rgb_features: ``[B, T, gh, gw, C]``.

        Returns:
            Tensor: ``[B, T, gh, gw, D]``.
        """
        frames = rgb_features.flatten(0, 1).permute(0, 3, 1, 2)  # [B * T, C, gh, gw]
        depth = self.projector(self.activation(self.conv(frames)))
        return depth.permute(0, 2, 3, 1).unflatten(0, rgb_features.shape[:2])
