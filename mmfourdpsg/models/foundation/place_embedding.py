"""A prompt embedding that tells where an object is, and nothing else."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from ..scene_encoders.fourier_embedding import FourierEmbedding


class PlaceEmbedding(BaseModule):
    """One prompt token from an object's box in the first frame that shows it.

    A language model that has seen no picture can still learn to give this token behind
    ``[Obj]``: it is what the tube decoder and the language model agree on before either
    has met the other.

    Shapes: ``C`` channels.

    Args:
        channels: Channels ``C`` of the prompt tokens.
        num_frequencies: See :class:`FourierEmbedding`. Few, for places need not be
            exact, and what reads them should see that near places are alike.
    """

    def __init__(self, channels: int, num_frequencies: int = 4) -> None:
        super().__init__()
        self.channels = channels
        self.fourier = FourierEmbedding(4, 2 * channels, num_frequencies)
        self.output = nn.Sequential(nn.GELU(), nn.Linear(2 * channels, channels))

    def forward(self, boxes: Tensor) -> Tensor:
        """Embed boxes.

        Args:
            boxes: ``[..., 4]`` centre x, centre y, width and height in 0..1 of the
                image.

        Returns:
            Tensor: ``[..., C]``.
        """
        return self.output(self.fourier(boxes))


def to_boxes(corners: Tensor, size: int) -> Tensor:
    """Return centres and sides ``[N, 4]`` in 0..1 from corners ``[N, 2, 2]`` in pixels.

    Args:
        corners: First and last corner, as columns and rows.
        size: Rows and columns of the image, in pixels.
    """
    corners = corners / size
    return torch.cat([corners.mean(1), corners[:, 1] - corners[:, 0]], dim=1)
