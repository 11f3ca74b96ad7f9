"""What the state behind an ``[Obj]`` has to know."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils.weight_file import load_part

from ..scene_graph_heads import ObjectPrompts
from .object_places import ObjectPlaces
from .place_embedding import PlaceEmbedding


class PlaceLosses(BaseModule):
    """Has the states behind ``[Obj]`` say where their objects are.

    - ``loss_place``: where an object is in each frame, smooth L1 of its boxes. It
      teaches the language model to fetch at ``[Obj]`` what the tube decoder needs.
    - ``loss_prompt``: the prompt that the state is projected to, against the tube
      decoder's own embedding of the object's place in the first frame that shows it,
      smooth L1. Only with ``places``.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video.

    Args:
        embed_dims: Width of the states.
        num_frames: Frames ``T`` of a clip.
        place_weight: Weight of ``loss_place``.
        places: Checkpoint of the tube decoder's :class:`PlaceEmbedding`, which stays as
            it is; None leaves prompts alone.
        prompt_channels: Channels of the tube decoder's prompts.
        prompt_weight: Weight of ``loss_prompt``.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        num_frames: int,
        place_weight: float = 1.0,
        places: str | None = None,
        prompt_channels: int = 256,
        prompt_weight: float = 1.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_frames = num_frames
        self.place_weight = place_weight
        self.prompt_weight = prompt_weight
        self.place_head = nn.Linear(embed_dims, 4 * num_frames)
        self.place_embedding = self.prompt_projector = None
        if places is not None:
            self.place_embedding = PlaceEmbedding(prompt_channels)
            load_part(self.place_embedding, places, '')
            self.place_embedding.requires_grad_(False)
            self.prompt_projector = nn.Linear(embed_dims, prompt_channels)

    def forward(
        self, prompts: list[ObjectPrompts], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the losses by name, 0 where nothing is shown.

        Args:
            prompts: Objects and their states, one a video.
            data_samples: Each with ``gt_scene_graph`` of N objects and ``gt_masks``
                bool ``[N, T, h, w]``.
        """
        losses: dict[str, list[Tensor]] = {'loss_place': []}
        zero = self.place_head.weight.sum() * 0.0
        if self.prompt_projector is not None:
            losses['loss_prompt'] = []
            zero = zero + self.prompt_projector.weight.sum() * 0.0
        for item, sample in zip(prompts, data_samples, strict=True):
            order = [other.id for other in sample.gt_scene_graph.objects]
            rows = [order.index(object_id) for object_id in item.object_ids]
            masks = sample.gt_masks[rows].to(item.states.device)
            places = ObjectPlaces.from_masks(masks)
            if not places.shown.any():
                continue
            losses['loss_place'].append(self._place_loss(item.states, places))
            if self.prompt_projector is not None:
                losses['loss_prompt'].append(self._prompt_loss(item.states, places))
        return {
            name: torch.stack([zero, *values]).sum() / max(len(values), 1)
            for name, values in losses.items()
        }

    def _place_loss(self, states: Tensor, places: ObjectPlaces) -> Tensor:
        found = self.place_head(states).unflatten(1, (self.num_frames, 4))
        return self.place_weight * F.smooth_l1_loss(
            found[places.shown], places.boxes[places.shown], beta=0.05
        )

    def _prompt_loss(self, states: Tensor, places: ObjectPlaces) -> Tensor:
        seen = places.shown.any(1)
        first = places.shown.float().argmax(1)
        boxes = places.boxes[torch.arange(len(first), device=first.device), first]
        wanted = self.place_embedding(boxes[seen])
        found = self.prompt_projector(states[seen])
        return self.prompt_weight * F.smooth_l1_loss(found, wanted)
