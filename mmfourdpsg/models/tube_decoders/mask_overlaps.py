"""How much the masks of a video's objects have in common."""

import torch
from torch import Tensor


class MaskOverlaps:
    """Adds up the pixels that each two objects share, frame by frame.

    Shapes: ``N`` objects, ``h`` x ``w`` pixels of raw masks.

    Args:
        count: Number of objects ``N``.
    """

    def __init__(self, count: int) -> None:
        self.common = torch.zeros(count, count, dtype=torch.double)

    def add(self, logits: Tensor, visible: Tensor) -> None:
        """Add a frame.

        Args:
            logits: Raw masks ``[N, h, w]``.
            visible: bool ``[N]``, whether the object is there at all.
        """
        inside = ((logits > 0) & visible[:, None, None]).flatten(1).float()  # [N, hw]
        # Autocast would count pixels in half precision.
        with torch.autocast(inside.device.type, enabled=False):
            self.common += (inside @ inside.T).double().cpu()

    def ious(self) -> Tensor:
        """Return the volume IoU ``[N, N]`` of each two objects, 0 of what is empty."""
        volumes = self.common.diagonal()
        union = volumes[:, None] + volumes - self.common
        return (self.common / union.clamp(min=1)).float()
