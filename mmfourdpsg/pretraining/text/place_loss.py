"""What the state behind an ``[Obj]`` has to know."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.models.scene_graph_heads import ObjectPrompts
from mmfourdpsg.structures import SceneGraphDataSample

from .object_places import ObjectPlaces


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
            order = [other.id for other in sample.gt_scene_graph.objects]
            rows = [order.index(object_id) for object_id in item.object_ids]
            masks = sample.gt_masks[rows].to(item.states.device)
            places = ObjectPlaces.from_masks(masks)
            if places.shown.any():
                values.append(self._place_loss(item.states, places))
        return dict(loss_place=torch.stack(values).sum() / max(len(values) - 1, 1))

    def _place_loss(self, states: Tensor, places: ObjectPlaces) -> Tensor:
        found = self.place_head(states).unflatten(1, (self.num_frames, 4))
        return self.place_weight * F.smooth_l1_loss(
            found[places.shown], places.boxes[places.shown], beta=0.05
        )
