"""The segments of one frame, small enough to keep those of a whole video."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from pycocotools import mask as coco_mask
from torch import Tensor


@dataclass
class FrameSegments:
    """Segments of a frame that share no pixel.

    Shapes: ``n`` segments, ``C`` channels.

    Attributes:
        queries: ``[n, C]``, on the CPU.
        categories: Index of each category.
        scores: In 0..1.
        rles: Run-length encoded masks, as :class:`MaskTube` keeps them.
        boxes: ``[n, 4]``, tight ones ``(x1, y1, x2, y2)`` in pixels.
    """

    queries: Tensor
    categories: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    rles: list[dict] = field(default_factory=list)
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))

    def __len__(self) -> int:
        return len(self.categories)

    @classmethod
    def of_masks(
        cls,
        queries: Tensor,
        categories: Sequence[int],
        scores: Sequence[float],
        masks: np.ndarray,
    ) -> 'FrameSegments':
        """Encode masks.

        Args:
            queries: ``[n, C]``.
            categories: ``n`` of them.
            scores: ``n`` of them.
            masks: bool ``[n, H, W]``, none empty.
        """
        if not len(masks):
            return cls(queries.detach().float().cpu())
        encoded = coco_mask.encode(
            np.asfortranarray(masks.transpose(1, 2, 0), np.uint8)
        )
        boxes = coco_mask.toBbox(encoded)  # [n, 4], with width and height
        boxes[:, 2:] += boxes[:, :2]
        size = list(masks.shape[1:])
        rles = [dict(size=size, counts=rle['counts'].decode()) for rle in encoded]
        return cls(
            queries.detach().float().cpu(),
            [int(category) for category in categories],
            [float(score) for score in scores],
            rles,
            boxes,
        )


def mask_ious(masks: Tensor, others: Tensor) -> Tensor:
    """Return the IoU of masks ``[n, H, W]`` with others ``[n, H, W]``, one by one."""
    both = (masks & others).flatten(1).sum(dim=1)
    either = (masks | others).flatten(1).sum(dim=1)
    return both / either.clamp(min=1)


def upsample(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Return mask logits ``[n, h, w]`` at another size, ``[n, H, W]``."""
    return torch.nn.functional.interpolate(
        logits[:, None].float(), size, mode='bilinear', align_corners=False
    )[:, 0]
