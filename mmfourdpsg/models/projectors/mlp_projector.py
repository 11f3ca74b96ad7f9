"""Two linear layers between vision and language."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class MLPProjector(BaseModule):
    """Two-layer perceptron with GELU (paper, section 3.1 and appendix C).

    Shapes: ``B`` videos, ``L`` scene tokens, ``D`` input and ``C`` output channels.

    Args:
        in_channels: Width of the scene tokens, ``D``.
        out_channels: Width of the language model, ``C``.
        hidden_channels: Width between the two layers; None takes ``C``.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        hidden_channels: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        hidden_channels = hidden_channels or out_channels
        self.layers = nn.Sequential(
            nn.Linear(in_channels, hidden_channels),
            nn.GELU(),
            nn.Linear(hidden_channels, out_channels),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Project tokens ``[..., D]`` to ``[..., C]``."""
        return self.layers(tokens)
