"""Loss on the boxes that the hidden states of ``[Obj]`` predict."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.models.scene_graph_heads import ObjectPrompts
from mmfourdpsg.structures import SceneGraphDataSample

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


class PlaceLoss(BaseModule):
    """Has the states behind ``[Obj]`` say where their objects are.

    ``loss_place`` is the smooth L1 of its boxes in each frame. It teaches the language
    model to fetch at ``[Obj]`` what a tube decoder needs, without one.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video.

    Args:
        embed_dims: Width of the states.
        num_frames: Frames ``T`` of a clip.
        place_weight: Weight of ``loss_place``.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        num_frames: int,
        place_weight: float = 1.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_frames = num_frames
        self.place_weight = place_weight
        self.place_head = nn.Linear(embed_dims, 4 * num_frames)

    def forward(
        self, prompts: list[ObjectPrompts], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return ``loss_place``, 0 where nothing is shown.

        Args:
            prompts: Objects and their states, one a video.
            data_samples: Each with ``gt_scene_graph`` of N objects and ``gt_masks``
                bool ``[N, T, h, w]``.
        """
        values = [self.place_head.weight.sum() * 0.0]
        for item, sample in zip(prompts, data_samples, strict=True):
            masks = sample.masks_of(item.object_ids).to(item.states.device)
            places = ObjectPlaces.from_masks(masks)
            if places.shown.any():
                values.append(self._place_loss(item.states, places))
        return dict(loss_place=torch.stack(values).sum() / max(len(values) - 1, 1))

    def _place_loss(self, states: Tensor, places: ObjectPlaces) -> Tensor:
        found = self.place_head(states).unflatten(1, (self.num_frames, 4))
        return self.place_weight * F.smooth_l1_loss(
            found[places.shown], places.boxes[places.shown], beta=0.05
        )
