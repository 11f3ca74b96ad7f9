"""Conversion of video frames to SAM2's square input."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FrameImages(nn.Module):
    """Stretch frames to a square and normalise them, as SAM2's transforms do.

    Shapes: ``F`` frames of ``h`` x ``w`` pixels, ``S`` rows and columns.

    Args:
        image_size: ``S`` in pixels.
        mean: Of the channels R, G, B, in 0..1.
        std: Of the same.
    """

    def __init__(
        self,
        image_size: int,
        mean: tuple[float, float, float] = (0.485, 0.456, 0.406),
        std: tuple[float, float, float] = (0.229, 0.224, 0.225),
    ) -> None:
        super().__init__()
        self.image_size = image_size
        for name, value in (('mean', mean), ('std', std)):
            statistics = torch.tensor(value)[:, None, None]
            self.register_buffer(name, statistics, persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Return ``[F, 3, S, S]`` of uint8 RGB ``[F, 3, h, w]``."""
        size = (self.image_size, self.image_size)
        images = F.interpolate(
            frames.to(self.mean.dtype) / 255, size, mode='bilinear', antialias=True
        )
        return (images - self.mean) / self.std
