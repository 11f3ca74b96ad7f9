"""Projector of two linear layers."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.checkpoint_file import load_part


@MODELS.register_module()
class MLPProjector(BaseModule):
    """Two-layer perceptron with GELU (paper, section 3.1 and appendix C).

    Shapes: ``B`` videos, ``L`` scene tokens, ``D`` input and ``C`` output channels.

    Args:
        in_channels: Width of the scene tokens, ``D``.
        out_channels: Width of the language model, ``C``.
        hidden_channels: Width between the two layers; None takes ``C``.
        checkpoint: Weights to begin with (``safetensors``, ``projector.*``), loaded by
            :meth:`init_weights`; None begins with random ones.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        hidden_channels: int | None = None,
        checkpoint: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.checkpoint = checkpoint
        hidden_channels = hidden_channels or out_channels
        self.layers = nn.Sequential(
            nn.Linear(in_channels, hidden_channels),
            nn.GELU(),
            nn.Linear(hidden_channels, out_channels),
        )

    def init_weights(self) -> None:
        """Load the checkpoint, if there is one.

        Raises:
            InputError: Its weights are not those of this projector.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_part(self, self.checkpoint, 'projector.')

    def forward(self, tokens: Tensor) -> Tensor:
        """Project tokens ``[..., D]`` to ``[..., C]``."""
        return self.layers(tokens)
