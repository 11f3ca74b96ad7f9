"""Models of how the features of a pair change: three ways to look at nearby frames.

Each takes ``x`` ``[P, T, C]`` of ``P`` pairs, and ``common`` bool ``[P, T]``, in which
frames both are there, and returns ``[P, T, C]``; frames that are not common are 0 for
it. Source: Yang et al., "Panoptic video scene graph generation" (CVPR 2023),
section 4.2.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from .spatial_temporal_encoder import SpatialTemporalEncoder


@MODELS.register_module()
class FilterPairModel(BaseModule):
    """A fixed filter along time.

    Args:
        channels: ``C``.
        weights: Weights of the filter, an odd number of them.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        channels: int,
        weights: Sequence[float] = (0.25, 0.5, 1.0, 0.5, 0.25),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        kernel = torch.tensor(weights).repeat(channels, 1, 1)  # [C, 1, k]
        self.register_buffer('kernel', kernel, persistent=False)

    def forward(self, x: Tensor, common: Tensor, times: Tensor) -> Tensor:
        """Filter."""
        x = (x * common[..., None]).transpose(1, 2)  # [P, C, T]
        size = self.kernel.shape[-1] // 2
        found = F.conv1d(x, self.kernel.to(x.dtype), padding=size, groups=x.shape[1])
        return found.transpose(1, 2)


@MODELS.register_module()
class ConvPairModel(BaseModule):
    """A convolution along time.

    Args:
        channels: ``C``.
        kernel_size: Frames that it sees, an odd number.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self, channels: int, kernel_size: int = 5, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.conv = nn.Conv1d(channels, channels, kernel_size, padding='same')

    def forward(self, x: Tensor, common: Tensor, times: Tensor) -> Tensor:
        """Convolve."""
        x = (x * common[..., None]).transpose(1, 2)  # [P, C, T]
        return self.conv(x).transpose(1, 2)


@MODELS.register_module()
class TransformerPairModel(SpatialTemporalEncoder):
    """A transformer along time.

    Args:
        channels: ``C``.
        num_layers: Layers.
        num_heads: Heads of attention.
        **kwargs: Of :class:`SpatialTemporalEncoder`.
    """

    def __init__(
        self, channels: int, num_layers: int = 1, num_heads: int = 4, **kwargs
    ) -> None:
        super().__init__(channels, 0, num_layers, num_heads, **kwargs)
