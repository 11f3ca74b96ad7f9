"""Pretrainer that aligns a language model with images by listing objects."""

import torch
import torch.nn.functional as F
from mmengine.logging import print_log
from torch import Tensor

from mmfourdpsg.models.frame_times import frame_times
from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel
from mmfourdpsg.models.text_formats import SceneGraphTextFormat
from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import SceneGraphDataSample

from ..sam2.promptable_segmenter import PromptableSegmenter
from ..text.place_loss import PlaceLoss
from .named_patches import NamedPatches
from .prompt_losses import PromptLosses


@MODELS.register_module()
class SceneCaptionPretrainer(BaseSceneGraphModel):
    """Teaches a language model that reads words to read images: to list objects.

    Vision-language models are aligned on captions before they learn a task. Here a
    caption is the list of a scene's objects, with which its scene graph begins, each
    grounded by its ``[Obj]`` (in chained text the answer of the first stage, which says
    what each is like), and tells nothing of relations. So that the language
    model does not forget those, it goes on to write whole graphs of scenes that are
    described in words. Losses are:

    - ``loss_caption``: cross-entropy of the lists, from images;
    - ``loss_txt``: that of the graphs, from words;
    - that of :class:`PlaceLoss`, for both;
    - those of :class:`PromptLosses`, from images;
    - with ``promptable`` those of :class:`PromptableSegmenter`, named
      ``loss_promptable_*``: a SAM2 that learns along shall not forget how to follow
      what is clicked;
    - with ``named_patches`` ``loss_align``: the projected token of a patch that holds a
      name, against the token that describes the same object in words, smooth L1, over
      patches of names, times and places sampled evenly. The projector is fitted to it
      before training begins: else the language model would forget how to read before
      it is given what to read.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video.

    Args:
        scene_encoder: Config of the scene encoder; its trunks stay as they are.
        scene_graph_head: Config of the head. Its text formats have ``objects_only``, a
            direct one ``objects_first``.
        scene_description: Config of the :class:`DescribedScene` that the language
            model can read, which stays as it is.
        place_loss: Config of :class:`PlaceLoss` but for its width.
        prompt_losses: The same of :class:`PromptLosses`.
        named_patches: Config of :class:`NamedPatches`, if there is a ``loss_align``.
        promptable: Config of :class:`PromptableSegmenter` but for its decoder, and
            ``num_videos``, videos of each batch of which objects are pointed at.
        num_described: Videos of each batch that are described in words as well.
        image_frames: Frames of a video that are seen in a training step, sampled anew
            for each batch; what is described in words is so in all. None sees all.
        align_weight: Weight of ``loss_align``.
        align_patches: Patches that are sampled for it in each step.
        align_steps: Steps of AdamW that fit projector and token merging to it first.
        align_rate: Their learning rate, which falls to 0.
        data_preprocessor: Config of the data preprocessor.
    """

    def __init__(
        self,
        scene_encoder: dict,
        scene_graph_head: dict,
        scene_description: dict,
        place_loss: dict,
        prompt_losses: dict,
        named_patches: dict | None = None,
        promptable: dict | None = None,
        num_described: int = 4,
        image_frames: int | None = None,
        align_weight: float = 1.0,
        align_patches: int = 1024,
        align_steps: int = 0,
        align_rate: float = 2e-3,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.scene_encoder = MODELS.build(scene_encoder)
        head = self.scene_graph_head = MODELS.build(
            dict(in_channels=self.scene_encoder.embed_dims, **scene_graph_head)
        )
        self.caption_format = TASK_UTILS.build(
            dict(scene_graph_head['text_format'], objects_only=True)
        )
        self.direct_caption_format = None
        if scene_graph_head.get('direct_text_format') is not None:
            self.direct_caption_format = TASK_UTILS.build(
                dict(scene_graph_head['direct_text_format'], objects_only=True)
            )
        self.scene_description = MODELS.build(scene_description)
        self.scene_description.requires_grad_(False)
        self.named_patches = None
        if named_patches is not None:
            self.named_patches = NamedPatches(**named_patches)
        self.place_loss = PlaceLoss(head.embed_dims, **place_loss)
        self.prompt_losses = PromptLosses(head.embed_dims, **prompt_losses)
        self.promptable = None
        if promptable is not None:
            options = dict(promptable)
            self.num_prompted = options.pop('num_videos')
            self.promptable = PromptableSegmenter(self.prompt_losses.decoder, **options)
        self.num_described = num_described
        self.image_frames = image_frames
        self.align_weight = align_weight
        self.align_patches = align_patches
        self.align_steps = align_steps
        self.align_rate = align_rate

    def init_weights(self) -> None:
        """Load what is to be loaded, then fit the projector to words."""
        super().init_weights()
        parts = self.scene_graph_head.projector, self.scene_encoder.token_merging
        weights = [weight for part in parts for weight in part.parameters()]
        if self.named_patches is None or not self.align_steps:
            return
        optimizer = torch.optim.AdamW(weights, lr=self.align_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, self.align_steps
        )
        for step in range(self.align_steps):
            loss = self._align_loss()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if (step + 1) % 200 == 0 or step + 1 == self.align_steps:
                print_log(
                    f'alignment: step {step + 1} of {self.align_steps}, '
                    f'loss_align {float(loss):.4f}',
                    logger='current',
                )
        self.zero_grad(set_to_none=True)

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return losses by name.

        Args:
            inputs: As of :meth:`forward`.
            data_samples: One a video, with ``gt_scene_graph``, ``num_frames``,
                ``gt_masks`` bool ``[N, T, h, w]`` and ``frame_indices``.
        """
        head, written = self.scene_graph_head, dict(text_format=self._caption_format())
        seen, shown = self._sample_frames(inputs, data_samples)
        losses, prompts = head.loss(*self._encode(seen, shown), shown, **written)
        losses['loss_caption'] = losses.pop('loss_txt')
        losses.update(self.prompt_losses(seen, prompts, shown))
        if self.promptable is not None:
            losses.update(self._promptable_losses(seen, shown))
        described = data_samples[: self.num_described]
        if described:
            words = self._describe(described)
            from_words, more = head.loss(*words, described, project=False)
            losses.update(from_words)
            prompts = [*prompts, *more]
        losses.update(self.place_loss(prompts, [*data_samples, *described]))
        if self.named_patches is not None:
            losses['loss_align'] = self._align_loss()
        return losses

    def alignment_weights(self) -> dict[str, Tensor]:
        """Return what the language model was aligned with, for 4D-LLM to begin with."""
        parts = dict(
            aggregator=self.scene_encoder.aggregator,
            token_merging=self.scene_encoder.token_merging,
            projector=self.scene_graph_head.projector,
            prompt_projector=self.prompt_losses.prompt_projector,
            description=self.scene_description,
        )
        return {
            f'{name}.{key}': value
            for name, part in parts.items()
            if part is not None
            for key, value in part.state_dict().items()
        }

    def sam2_weights(self) -> dict[str, Tensor]:
        """Return the weights of SAM2 by their official names."""
        return self.prompt_losses.decoder.sam2.state_dict()

    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Say how likely captions and texts are, and how well ``[Obj]`` points.

        Fills in ``caption_likelihood``, ``text_likelihood`` of the graph that is
        described in words (see :class:`SceneGraphTextPretrainer`), and
        ``prompted_ious`` (see :meth:`PromptLosses.segment`).
        """
        head, written = self.scene_graph_head, dict(text_format=self.caption_format)
        scene = self._encode(inputs, data_samples)
        captions = head.text_likelihood(*scene, data_samples, **written)
        words = self._describe(data_samples)
        texts = head.text_likelihood(*words, data_samples, project=False)
        _, prompts = head.loss(*scene, data_samples, **written)
        ious = self.prompt_losses.segment(inputs, prompts, data_samples)
        rows = zip(data_samples, captions, texts, ious, strict=True)
        for sample, caption, text, row in rows:
            sample.set_metainfo(
                dict(
                    caption_likelihood=caption, text_likelihood=text, prompted_ious=row
                )
            )
        return data_samples

    def _caption_format(self) -> SceneGraphTextFormat:
        """Return the format of this batch's captions, chosen as that of its graphs."""
        share = self.scene_graph_head.conversations.direct_share
        if self.direct_caption_format is None or torch.rand(()).item() >= share:
            return self.caption_format
        return self.direct_caption_format

    def _encode(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, D]`` and their mask ``[B, L]``."""
        frame_mask = inputs['frame_mask']
        return self.scene_encoder(
            inputs['rgb'],
            inputs['depth'],
            frame_mask,
            frame_times(data_samples, frame_mask),
            [sample.img_shape for sample in data_samples],
        )

    def _promptable_losses(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        number = self.num_prompted
        first = {name: value[:number] for name, value in inputs.items()}
        losses = self.promptable.loss(first, data_samples[:number])
        return {
            f'loss_promptable_{name.removeprefix("loss_")}': value
            for name, value in losses.items()
        }

    def _sample_frames(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> tuple[dict[str, Tensor], list[SceneGraphDataSample]]:
        """Return inputs and samples of the frames that are seen in a step."""
        frame_mask, number = inputs['frame_mask'], self.image_frames
        # Of the frames that all videos have.
        length = int(frame_mask.sum(dim=1).min())
        if number is None or length <= number:
            return inputs, data_samples
        frames = torch.randperm(length)[:number].sort().values
        samples = []
        for sample in data_samples:
            part = sample.clone()
            part.set_metainfo(
                dict(frame_indices=[sample.frame_indices[i] for i in frames.tolist()])
            )
            part.gt_masks = sample.gt_masks[:, frames.to(sample.gt_masks.device)]
            samples.append(part)
        indices = frames.to(frame_mask.device)
        return {name: value[:, indices] for name, value in inputs.items()}, samples

    def _describe(
        self, data_samples: list[SceneGraphDataSample]
    ) -> tuple[Tensor, Tensor]:
        """Return tokens ``[B, L, C]`` in words and their mask ``[B, L]``."""
        embed = self.scene_graph_head.language_model.embed_label
        return self.scene_description(data_samples, embed)

    def _align_loss(self) -> Tensor:
        """Return the mean difference of the two tokens over sampled patches, ``[]``."""
        head = self.scene_graph_head
        sampled = self.named_patches.sample(
            self.align_patches, self.scene_encoder.token_merging
        )
        with torch.no_grad():
            embed = head.language_model.embed_label
            table = {name: embed(name) for name in set(sampled.names)}
            names = torch.stack([table[name] for name in sampled.names])
            wanted = self.scene_description.tokens(
                names, sampled.moments, sampled.boxes
            )
        found = head.projector(sampled.tokens)
        return self.align_weight * F.smooth_l1_loss(found, wanted)
