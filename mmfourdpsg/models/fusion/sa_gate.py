"""SA-Gate aggregator: separation and aggregation of RGB and depth features."""

import torch
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.checkpoint_file import load_part

from .sa_gate_core import SAGateCore


@MODELS.register_module()
class SAGate(SAGateCore):
    """Fuse RGB and depth features frame by frame.

    The aggregator that the 4D-LLM paper names (section 3.1): :class:`SAGateCore` on RGB
    and lifted depth. The original ends in ReLUs for its ResNet; features of a vision
    transformer are signed, so not here.

    Args:
        rgb_channels: Channels C of RGB and of the output.
        depth_channels: Channels D of depth; a learned linear lift takes them to C.
        reduction: Divides C in the hidden layer of the channel attention.
        checkpoint: Weights to begin with (``safetensors``, ``aggregator.*``), loaded by
            :meth:`init_weights`; None begins with random ones.
        init_cfg: mmengine's initialisation config.
    """

    def __init__(
        self,
        rgb_channels: int,
        depth_channels: int,
        reduction: int = 16,
        checkpoint: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(rgb_channels, reduction, init_cfg)
        self.checkpoint = checkpoint
        self.lift = nn.Linear(depth_channels, rgb_channels)
        # Depth is added to features that are pretrained, and should not begin by
        # drowning them in noise.
        nn.init.normal_(self.lift.weight, std=1e-3)
        nn.init.zeros_(self.lift.bias)

    def init_weights(self) -> None:
        """Load the checkpoint, if there is one.

        Raises:
            InputError: Its weights are not those of this gate.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_part(self, self.checkpoint, 'aggregator.')

    def forward(self, rgb: Tensor, depth: Tensor, has_depth: Tensor) -> Tensor:
        """Fuse.

        Args:
            rgb: ``[B, T, h, w, C]``.
            depth: ``[B, T, h, w, D]``.
            has_depth: bool, ``[B]`` a sample or ``[B, T]`` a frame.

        Returns:
            Tensor: ``[B, T, h, w, C]``; exactly ``rgb`` where there is no depth.
        """
        lifted = self.lift(depth)  # [B, T, h, w, C]
        fused = self.fuse(rgb, lifted)
        has_depth = has_depth.reshape(len(rgb), -1, 1, 1, 1)
        return torch.where(has_depth, fused.to(rgb.dtype), rgb)
