"""Losses of the prompts that the hidden states of ``[Obj]`` give to SAM2."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.models.scene_graph_heads import ObjectPrompts
from mmfourdpsg.models.tube_decoders.training_clip import make_training_clip
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils.checkpoint_file import load_part

from ..metrics import prompted_ious
from ..sam2.simulated_prompts import ObjectEmbedding


class PromptLosses(BaseModule):
    """Has the states behind ``[Obj]`` prompt a SAM2 that is frozen or trains along.

    - ``loss_prompt``: the prompt that a state is projected to, against the embedding of
      its object's looks and place with which SAM2 was pretrained, in a frame that is
      sampled for each video; smooth L1 over the objects that the frame shows.
    - those of the tube decoder, through SAM2 to the states.

    A state says well what an object is and less well where. A SAM2 that has been
    prompted by exact places alone trusts them; one that trains along looks for the
    object around the place that it is told.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video.

    Args:
        embed_dims: Width of the states.
        tube_decoder: Config of the tube decoder.
        train_decoder: Whether SAM2 trains, but for what its config freezes; else of the
            tube decoder the prompt projector trains alone.
        object_embedding: Checkpoint of the :class:`ObjectEmbedding` that SAM2 was
            pretrained with, loaded by :meth:`init_weights`; None leaves it random.
        prompt_weight: Weight of ``loss_prompt``; with 0 there is none.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        tube_decoder: Mapping,
        train_decoder: bool = False,
        object_embedding: str | None = None,
        prompt_weight: float = 1.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.decoder = MODELS.build(dict(prompt_channels=embed_dims, **tube_decoder))
        if not train_decoder:
            self.decoder.sam2.requires_grad_(False)
        self.object_embedding = ObjectEmbedding(self.decoder.sam2.hidden_dim)
        self.object_embedding.requires_grad_(False)
        self.checkpoint = object_embedding
        self.prompt_weight = prompt_weight

    @property
    def prompt_projector(self) -> torch.nn.Linear:
        """What trains here."""
        return self.decoder.prompt_projector

    def init_weights(self) -> None:
        """Load the checkpoints.

        Raises:
            InputError: The weights are not those of the configured modules.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_part(self.object_embedding, self.checkpoint, '')

    def forward(
        self,
        inputs: dict[str, Tensor],
        prompts: list[ObjectPrompts],
        data_samples: list[SceneGraphDataSample],
    ) -> dict[str, Tensor]:
        """Return the losses by name, 0 where nothing is shown.

        Args:
            inputs: ``rgb`` uint8 ``[B, T, 3, H, W]`` and ``frame_mask`` bool
                ``[B, T]``.
            prompts: Objects and their states, one a video.
            data_samples: Each with ``gt_scene_graph`` of N objects, ``gt_masks`` bool
                ``[N, T, h, w]`` and ``img_shape``.
        """
        rgb, frame_mask = inputs['rgb'], inputs['frame_mask']
        states = [item.states for item in prompts]
        masks = [
            sample.masks_of(item.object_ids).to(rgb.device)
            for item, sample in zip(prompts, data_samples, strict=True)
        ]
        shapes = [sample.img_shape for sample in data_samples]
        losses = self.decoder.loss(rgb, frame_mask, states, masks, shapes)
        if self.prompt_weight:
            losses['loss_prompt'] = self._prompt_loss(
                rgb, frame_mask, states, masks, shapes
            )
        return losses

    @torch.no_grad()
    def segment(
        self,
        inputs: dict[str, Tensor],
        prompts: list[ObjectPrompts],
        data_samples: list[SceneGraphDataSample],
    ) -> list[list[tuple[str, int, float]]]:
        """Follow the objects through all frames; arguments are those of a call.

        Returns:
            One list a video: ``thing`` or ``stuff``, frame and IoU of each object in
            each frame that shows it.
        """
        rows = []
        for b, (item, sample) in enumerate(zip(prompts, data_samples, strict=True)):
            things = {x.id: x.is_thing for x in sample.gt_scene_graph.objects}
            kinds = ['thing' if things[i] else 'stuff' for i in item.object_ids]
            clip = make_training_clip(
                inputs['rgb'][b : b + 1],
                inputs['frame_mask'][b : b + 1],
                [item.states],
                [sample.masks_of(item.object_ids).to(inputs['rgb'].device)],
                [sample.img_shape],
                self.decoder.loss_size,
            )
            if clip is None:
                rows.append([])
                continue
            logits, _, score = self.decoder.decode_clip(clip)
            rows.append(prompted_ious(kinds, logits, score, clip))
        return rows

    def _prompt_loss(
        self,
        rgb: Tensor,
        frame_mask: Tensor,
        states: list[Tensor],
        masks: list[Tensor],
        shapes: list[tuple[int, int]],
    ) -> Tensor:
        images, targets, shown = [], [], []
        size = (self.decoder.loss_size, self.decoder.loss_size)
        for b, (height, width) in enumerate(shapes):
            frames = frame_mask[b].nonzero()[:, 0]
            frame = frames[torch.randint(len(frames), ())]
            images.append(self.decoder.images(rgb[b, frame, None, :, :height, :width]))
            mask = masks[b][:, frame, :height, :width]
            shown.append(mask.flatten(1).any(1))
            mask = mask[shown[-1], None].float()
            targets.append(F.interpolate(mask, size, mode='area')[:, 0])
        found = self.prompt_projector(
            torch.cat([state[rows] for state, rows in zip(states, shown, strict=True)])
        )
        if len(found) == 0:
            return found.sum()
        with torch.no_grad():
            features = self.decoder.encode(torch.cat(images)).levels[-1]
            counts = torch.tensor([len(item) for item in targets], device=rgb.device)
            wanted = self.object_embedding(
                features.repeat_interleave(counts, dim=0),
                torch.cat(targets),
                self.decoder.sam2.encode_points,
            )
        return self.prompt_weight * F.smooth_l1_loss(found, wanted)
