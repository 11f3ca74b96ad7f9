"""Where objects are in the frames of a clip."""

from typing import NamedTuple

import torch
from torch import Tensor

from ..sam2.simulated_prompts import mask_boxes


class ObjectPlaces(NamedTuple):
    """Where the ``N`` objects of a video are in its ``T`` frames.

    Attributes:
        boxes: ``[N, T, 4]``, centre x, centre y, width and height in 0..1 of the
            image; 0 where not shown.
        shown: bool ``[N, T]``.
    """

    boxes: Tensor
    shown: Tensor

    @classmethod
    def from_masks(cls, masks: Tensor) -> 'ObjectPlaces':
        """Measure masks, bool ``[N, T, h, w]``."""
        count, length, height, width = masks.shape
        shown = masks.flatten(2).any(2)
        if masks.numel() == 0:
            return cls(masks.new_zeros(count, length, 4, dtype=torch.float32), shown)
        corners = mask_boxes(masks.flatten(0, 1).float())  # [N * T, 2, 2]
        corners = corners / corners.new_tensor([width, height])
        boxes = torch.cat([corners.mean(1), corners[:, 1] - corners[:, 0]], dim=1)
        return cls(boxes.unflatten(0, (count, length)) * shown[..., None], shown)
