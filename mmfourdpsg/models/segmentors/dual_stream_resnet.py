"""Two ResNets, of RGB and of depth, that a gate joins after each stage."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file

from ..fusion import SAGateCore


@MODELS.register_module()
class DualStreamResNet(BaseModule):
    """ResNets of RGB and depth with an SA-Gate after each stage.

    The gate's output goes to the decoder as it is; the mean of it and a stream's own
    features goes on in that stream. Source: Chen et al., "Bi-directional cross-modality
    feature propagation with separation-and-aggregation gate" (ECCV 2020), section 3.1.
    The streams share nothing, their normalisation least of all. Where a frame has no
    depth the outputs are exactly those of the RGB stream alone.

    Shapes: ``F`` frames, ``H`` x ``W`` pixels.

    Args:
        rgb_stream: Config of MMDetection's ``ResNet``.
        depth_stream: Likewise, of the same widths; None has no depth and no gates.
        reduction: Of :class:`SAGateCore`.
        checkpoint: ImageNet weights that both streams begin with; None begins with
            random ones.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        out_channels: Channels of the four outputs, at strides 4, 8, 16 and 32.

    Raises:
        ValueError: The streams have other widths.
    """

    def __init__(
        self,
        rgb_stream: dict,
        depth_stream: dict | None = None,
        reduction: int = 16,
        checkpoint: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.checkpoint = checkpoint
        self.rgb_stream = MODELS.build(rgb_stream)
        self.out_channels = _widths(self.rgb_stream)
        self.depth_stream = None
        if depth_stream is not None:
            self.depth_stream = MODELS.build(depth_stream)
            if _widths(self.depth_stream) != self.out_channels:
                raise ValueError(
                    f'the depth stream has {_widths(self.depth_stream)} channels, '
                    f'expected {self.out_channels} as the RGB stream'
                )
            self.gates = nn.ModuleList(
                SAGateCore(channels, reduction) for channels in self.out_channels
            )

    def init_weights(self) -> None:
        """Initialise, and load the checkpoint into both streams, if there is one.

        Raises:
            InputError: Its weights are not those of the streams.
        """
        super().init_weights()
        if self.checkpoint is None:
            return
        state = load_checkpoint_file(self.checkpoint)['state_dict']
        state = {k: v for k, v in state.items() if not k.startswith('fc.')}
        for stream in (self.rgb_stream, self.depth_stream):
            if stream is None:
                continue
            try:
                stream.load_state_dict(state)
            except RuntimeError as error:
                raise InputError(
                    f'{self.checkpoint}: weights are not those of the streams '
                    f'({" ".join(str(error).split())!s:.300})'
                ) from None

    def forward(
        self,
        rgb: Tensor,
        depth: Tensor | None = None,
        has_depth: Tensor | None = None,
    ) -> list[Tensor]:
        """Extract features.

        Args:
            rgb: Normalised colours ``[F, 3, H, W]``.
            depth: Normalised disparity ``[F, 1, H, W]``; None where there is none.
            has_depth: bool ``[F]``, which frames have depth; None takes all of them.

        Returns:
            list[Tensor]: ``[F, C_i, H / s_i, W / s_i]`` at four strides.
        """
        x = _stem(self.rgb_stream, rgb)
        if self.depth_stream is None or depth is None:
            return self._single_stream(x)
        if has_depth is None:
            has_depth = torch.ones(len(rgb), dtype=torch.bool, device=rgb.device)
        there = has_depth[:, None, None, None]
        # The stem of ImageNet weights takes three channels.
        z = _stem(self.depth_stream, depth.expand(-1, rgb.shape[1], -1, -1))
        outputs = []
        for name, other, gate in zip(
            self.rgb_stream.res_layers,
            self.depth_stream.res_layers,
            self.gates,
            strict=True,
        ):
            x = getattr(self.rgb_stream, name)(x)
            z = getattr(self.depth_stream, other)(z)
            merged = gate.fuse(_channels_last(x), _channels_last(z))
            merged = merged.movedim(-1, 1).where(there, x)  # [F, C, h, w]
            outputs.append(merged)
            x = F.relu((x + merged) / 2)
            z = F.relu((z + merged) / 2)
        return outputs

    def _single_stream(self, x: Tensor) -> list[Tensor]:
        outputs = []
        for name in self.rgb_stream.res_layers:
            x = getattr(self.rgb_stream, name)(x)
            outputs.append(x)
        return outputs


def _widths(stream: nn.Module) -> Sequence[int]:
    width = stream.block.expansion * stream.base_channels
    return [width * 2**stage for stage in range(stream.num_stages)]


def _stem(stream: nn.Module, x: Tensor) -> Tensor:
    """Return what MMDetection's ResNet makes of images before its first stage."""
    x = (
        stream.stem(x)
        if stream.deep_stem
        else stream.relu(stream.norm1(stream.conv1(x)))
    )
    return stream.maxpool(x)


def _channels_last(x: Tensor) -> Tensor:
    return x.movedim(1, -1)
