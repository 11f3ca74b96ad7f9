"""Pretrainer of SAM2 as a class-agnostic, promptable video segmenter."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel
from mmfourdpsg.models.tube_decoders.prompted_sam2 import (
    FramePrompts,
    PromptedSAM2,
    SAM2Features,
)
from mmfourdpsg.models.tube_decoders.sam2_tube_decoder import SAM2TubeDecoder
from mmfourdpsg.models.tube_decoders.training_clip import (
    TrainingClip,
    make_training_clip,
)
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from ..metrics import prompted_ious
from .simulated_prompts import KINDS, ObjectEmbedding, make_clicks


@MODELS.register_module()
class PromptableSegmenter(BaseSceneGraphModel):
    """Follows whatever is pointed at in the first frame of a clip.

    An object is given by a click, a box or a mask in the first frame and followed by
    memory alone, as SAM2 is trained (Ravi et al., "SAM 2", section 4), or by an
    embedding of its looks and place in some frame, which prompts every frame, as
    ``[Obj]`` will. Categories are not used. Losses are those of the tube decoder.

    Shapes: ``B`` videos, ``T`` frames, ``n`` objects of all videos, ``K`` frames of a
    clip, ``C`` prompt channels, ``s`` rows and columns of the targets.

    Args:
        tube_decoder: Config of the SAM2 tube decoder whose SAM2 is trained, or the
            decoder of a model that trains it for something else, too.
        kinds: Share of each kind of prompt in training, by its name in
            :data:`KINDS`.
        noise: Greatest shift of a box's corner in training, as a share of its side.
        min_coverage: Pixels of the targets (``s`` x ``s``) that an object covers at
            least in the first frame; smaller ones cannot be pointed at.
        data_preprocessor: Config of the data preprocessor.

    Raises:
        ValueError: ``kinds`` names an unknown kind.
    """

    def __init__(
        self,
        tube_decoder: dict | SAM2TubeDecoder,
        kinds: Mapping[str, float],
        noise: float = 0.1,
        min_coverage: float = 4.0,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        unknown = sorted(set(kinds) - set(KINDS))
        if unknown:
            raise ValueError(f'kinds has {unknown}, expected some of {KINDS}')
        if isinstance(tube_decoder, SAM2TubeDecoder):
            self.decoder = tube_decoder
        else:
            self.decoder = MODELS.build(dict(prompt_channels=1, **tube_decoder))
            # No hidden state is projected here.
            self.decoder.prompt_projector.requires_grad_(False)
        self.sam2.sam_prompt_encoder.mask_downscaling.requires_grad_(True)
        self.object_embedding = ObjectEmbedding(self.sam2.hidden_dim)
        self.shares = torch.tensor([float(kinds.get(kind, 0)) for kind in KINDS])
        self.noise = noise
        self.min_coverage = min_coverage

    @property
    def sam2(self) -> PromptedSAM2:
        """The model that is trained."""
        return self.decoder.sam2

    def foundation_weights(self) -> dict[str, Tensor]:
        """Return what 4D-LLM begins with: SAM2's weights by their official names."""
        return self.sam2.state_dict()

    def prompt_weights(self) -> dict[str, Tensor]:
        """Return the weights of the :class:`ObjectEmbedding`."""
        return self.object_embedding.state_dict()

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the four mask losses, each object prompted in one way.

        Args:
            inputs: ``rgb`` and ``frame_mask``, as of :meth:`forward`.
            data_samples: One a video, with ``gt_masks`` bool ``[N, T, h, w]``.
        """
        clip = self._clip(inputs, data_samples, self.decoder.max_train_objects)
        if clip is None:
            zero = sum(weight.sum() for weight in self.parameters()) * 0.0
            return dict(loss_iou=zero, loss_dice=zero, loss_focal=zero)
        kinds = torch.multinomial(self.shares, len(clip.rows), replacement=True)
        decoded = self._decode(clip, kinds.to(clip.rows.device), self.noise)
        return self.decoder.mask_losses(*decoded, clip)

    @torch.no_grad()
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Follow every object that the first frame shows, once for each kind.

        Kinds without a share in training are left out.
        """
        for index, sample in enumerate(data_samples):
            rows: list[tuple[str, int, float]] = []
            single = {key: value[index : index + 1] for key, value in inputs.items()}
            clip = self._clip(single, [sample], None)
            if clip is not None:
                for kind, share in zip(KINDS, self.shares, strict=True):
                    if not share:
                        continue
                    kinds = torch.full((len(clip.rows),), KINDS.index(kind))
                    logits, _, score = self._decode(clip, kinds.to(clip.rows.device))
                    rows += prompted_ious([kind] * len(clip.rows), logits, score, clip)
            sample.set_metainfo(dict(prompted_ious=rows))
        return data_samples

    def _clip(
        self,
        inputs: dict[str, Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_objects: int | None,
    ) -> TrainingClip | None:
        """Return the objects that the first frame of their video shows."""
        masks = []
        for sample in data_samples:
            pixels = sample.gt_masks[:, 0].flatten(1).sum(1)
            share = pixels / (sample.img_shape[0] * sample.img_shape[1])
            shown = share * self.decoder.loss_size**2 >= self.min_coverage
            masks.append(sample.gt_masks[shown])
        return make_training_clip(
            inputs['rgb'],
            inputs['frame_mask'],
            [inputs['rgb'].new_zeros(len(item), 0) for item in masks],
            masks,
            [sample.img_shape for sample in data_samples],
            self.decoder.loss_size,
            None,
            max_objects,
        )

    def _decode(
        self, clip: TrainingClip, kinds: Tensor, noise: float = 0.0
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return raw masks ``[n, K, S/4, S/4]``, IoU and score logits ``[n, K]``."""
        images = torch.cat([self.decoder.images(frames) for frames in clip.frames])
        features = self.decoder.encode(images)
        memory, outputs = self.sam2.new_memory_bank(), []
        length = clip.rows.shape[1]
        for k in range(length):
            if k == 0:
                prompts = self._first_prompts(clip, features, kinds, noise)
            else:
                prompts = self._later_prompts(prompts)
            outputs.append(
                self.sam2.track(
                    features.select(clip.rows[:, k]),
                    prompts,
                    memory,
                    present=clip.present[:, k] if self.training else None,
                    last=k == length - 1,
                )
            )
        logits, iou, score = (
            torch.stack(items, 1) for items in zip(*outputs, strict=True)
        )
        return logits, iou, score

    def _first_prompts(
        self, clip: TrainingClip, features: SAM2Features, kinds: Tensor, noise: float
    ) -> FramePrompts:
        first = clip.targets[:, 0]
        clicks = make_clicks(first, kinds, self.sam2.image_size, noise)
        encoder = self.sam2.sam_prompt_encoder
        # What is not described by an embedding has a token that says so.
        tokens = encoder.not_a_point_embed.weight.expand(len(kinds), -1)
        described = kinds == KINDS.index('embedding')
        if described.any():
            rows, masks = self._reference(clip, noise)
            embedding = self.object_embedding(
                features.levels[-1][rows], masks, self.sam2.encode_points
            )
            tokens = torch.where(described[:, None], embedding, tokens)
        return FramePrompts(
            clicks.points,
            clicks.labels,
            first,
            kinds == KINDS.index('mask'),
            tokens[:, None],
        )

    def _reference(self, clip: TrainingClip, noise: float) -> tuple[Tensor, Tensor]:
        """Return the row of each object's reference frame, and its mask there."""
        frame = torch.zeros(len(clip.rows), dtype=torch.long, device=clip.rows.device)
        if noise:
            frame = torch.multinomial(clip.present.float(), 1)[:, 0]
        each = torch.arange(len(frame), device=frame.device)
        return clip.rows[each, frame], clip.targets[each, frame]

    @staticmethod
    def _later_prompts(first: FramePrompts) -> FramePrompts:
        """Return what points at the objects in later frames: embeddings alone."""
        labels = torch.full_like(first.labels, -1)
        return FramePrompts(first.points, labels, tokens=first.tokens)
