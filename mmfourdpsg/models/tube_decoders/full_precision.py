"""Parts that do not run in half precision."""

import torch
from torch import Tensor, nn


class FullPrecisionConv2d(nn.Conv2d):
    """A convolution that autocast leaves in float32 on CPUs.

    Depthwise ones are several times slower there in bfloat16 than in float32.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of ``[N, C, H, W]``."""
        if x.device.type != 'cpu':
            return super().forward(x)
        with torch.autocast('cpu', enabled=False):
            return super().forward(x.to(self.weight.dtype))


def keep_full_precision(conv: nn.Conv2d) -> FullPrecisionConv2d:
    """Return a convolution with the same weights that stays in full precision."""
    kept = nn.utils.skip_init(
        FullPrecisionConv2d,
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        padding=conv.padding,
        groups=conv.groups,
    )
    kept.weight, kept.bias = conv.weight, conv.bias
    return kept
