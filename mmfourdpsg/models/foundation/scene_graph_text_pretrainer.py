"""Pretraining of the language model: scene graphs as text, without a picture."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils.weight_file import load_part

from ..scene_graph_heads import ObjectPrompts
from .described_scene import ObjectPlaces
from .place_embedding import PlaceEmbedding


@MODELS.register_module()
class SceneGraphTextPretrainer(BaseModel):
    """Learns what scene graphs are like, and to find in a scene what they speak of.

    It is the head of 4D-LLM. In place of what the scene encoder sees it reads a
    description of the scene in words and numbers, or nothing at all. Losses are:

    - ``loss_txt``, the text term of Eq. 1;
    - ``loss_place``: where an object is in each frame, from the state behind its
      ``[Obj]``, smooth L1 of its boxes. It teaches the model to fetch at ``[Obj]``
      what the tube decoder will need. Only with a description.
    - ``loss_prompt``: the prompt that the state behind ``[Obj]`` is projected to,
      against the tube decoder's own embedding of the object's place in the first frame
      that shows it, smooth L1. Only with ``places``.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video.

    Args:
        scene_graph_head: Config of the head whose language model is trained.
        scene_description: Config of :class:`DescribedScene`, whose tokens go to the
            language model as they are, or of :class:`NamedScene`, whose tokens are
            projected as those of pictures will be; None has the text written from
            nothing.
        num_frames: Frames ``T`` that a description tells of.
        place_weight: Weight of ``loss_place``.
        places: Checkpoint of the tube decoder's :class:`PlaceEmbedding`; None leaves
            prompts alone.
        prompt_channels: Channels of the tube decoder's prompts.
        prompt_weight: Weight of ``loss_prompt``.
        data_preprocessor: Config of the data preprocessor.

    Raises:
        ValueError: A description in words has another width than the language model.
    """

    def __init__(
        self,
        scene_graph_head: dict,
        scene_description: dict | None = None,
        num_frames: int = 8,
        place_weight: float = 1.0,
        places: str | None = None,
        prompt_channels: int = 256,
        prompt_weight: float = 1.0,
        data_preprocessor: dict | None = None,
    ) -> None:
        if data_preprocessor is not None:
            # Built here, it is found whatever the default scope is.
            data_preprocessor = MODELS.build(data_preprocessor)
        super().__init__(data_preprocessor)
        scene = self.scene_description = (
            None if scene_description is None else MODELS.build(scene_description)
        )
        channels = 1 if scene is None else scene.embed_dims
        head = self.scene_graph_head = MODELS.build(
            dict(in_channels=channels, **scene_graph_head)
        )
        self.num_frames = num_frames
        self.place_weight = place_weight
        self.prompt_weight = prompt_weight
        self.place_embedding = self.prompt_projector = None
        if scene is None:
            # There is nothing to project.
            head.projector.requires_grad_(False)
            return
        if scene.in_words:
            if scene.embed_dims != head.embed_dims:
                raise ValueError(
                    f'scenes are described by tokens of width {scene.embed_dims}, '
                    f'expected that of the language model, {head.embed_dims}'
                )
            head.projector = nn.Identity()
        self.place_head = nn.Linear(head.embed_dims, 4 * num_frames)
        if places is not None:
            self.place_embedding = PlaceEmbedding(prompt_channels)
            load_part(self.place_embedding, places, '')
            self.place_embedding.requires_grad_(False)
            self.prompt_projector = nn.Linear(head.embed_dims, prompt_channels)

    def forward(
        self,
        inputs: dict,
        data_samples: list[SceneGraphDataSample],
        mode: str = 'loss',
    ) -> dict[str, Tensor] | list[SceneGraphDataSample]:
        """Run the model.

        Args:
            inputs: Unused; nothing is looked at.
            data_samples: One a video, with ``gt_scene_graph`` and ``num_frames``; for
                a description ``gt_masks`` bool ``[N, T, h, w]`` and
                ``frame_indices``, too.
            mode: ``loss`` or ``predict``.

        Returns:
            Losses by name, or the data samples with ``text_likelihood``: the summed
            negative log-likelihood of the tokens of its text in nats, how many there
            are, and how many of them are the likeliest.

        Raises:
            ValueError: The mode is neither.
        """
        if mode not in ('loss', 'predict'):
            raise ValueError(f'mode is {mode!r}, expected loss or predict')
        tokens, mask = self._scene(data_samples)
        if mode == 'loss':
            losses, prompts = self.scene_graph_head.loss(tokens, mask, data_samples)
            if self.scene_description is not None:
                losses.update(self._place_losses(prompts, data_samples))
            return losses
        rows = self.scene_graph_head.text_likelihood(tokens, mask, data_samples)
        for sample, row in zip(data_samples, rows, strict=True):
            sample.set_metainfo(dict(text_likelihood=row))
        return data_samples

    def alignment_weights(self) -> dict[str, Tensor]:
        """Return weights of the projector and the token merging, if they trained."""
        if self.scene_description is None or self.scene_description.in_words:
            return {}
        parts = dict(
            projector=self.scene_graph_head.projector,
            token_merging=self.scene_description.token_merging,
        )
        if self.prompt_projector is not None:
            parts['prompt_projector'] = self.prompt_projector
        return {
            f'{name}.{key}': value
            for name, part in parts.items()
            for key, value in part.state_dict().items()
        }

    def _scene(self, data_samples: list[SceneGraphDataSample]) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, D]`` and their mask ``[B, L]``."""
        if self.scene_description is not None:
            return self.scene_description(data_samples, self._embed_name)
        device = next(self.parameters()).device
        tokens = torch.zeros(len(data_samples), 0, 1, device=device)
        return tokens, torch.zeros(tokens.shape[:2], dtype=torch.bool, device=device)

    def _embed_name(self, name: str) -> Tensor:
        """Return the mean embedding ``[C]`` of a name's tokens within a text."""
        language_model = self.scene_graph_head.language_model
        device = next(self.parameters()).device
        ids = torch.tensor(language_model.encode_answer(f' {name}'), device=device)
        return language_model.embed_tokens(ids).mean(0)

    def _place_losses(
        self, prompts: list[ObjectPrompts], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return ``loss_place`` and, where it is wanted, ``loss_prompt``."""
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
            found = self.place_head(item.states).unflatten(1, (self.num_frames, 4))
            losses['loss_place'].append(
                self.place_weight
                * F.smooth_l1_loss(
                    found[places.shown], places.boxes[places.shown], beta=0.05
                )
            )
            if self.prompt_projector is not None:
                losses['loss_prompt'].append(
                    self.prompt_weight * self._prompt_loss(item.states, places)
                )
        return {
            name: torch.stack([zero, *values]).sum() / max(len(values), 1)
            for name, values in losses.items()
        }

    def _prompt_loss(self, states: Tensor, places: ObjectPlaces) -> Tensor:
        seen = places.shown.any(1)
        first = places.shown.float().argmax(1)
        boxes = places.boxes[torch.arange(len(first), device=first.device), first]
        wanted = self.place_embedding(boxes[seen])
        return F.smooth_l1_loss(self.prompt_projector(states[seen]), wanted)
