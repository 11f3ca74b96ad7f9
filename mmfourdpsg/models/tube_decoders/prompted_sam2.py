"""SAM2 with prompt embeddings beside clicks, boxes and masks."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from sam2.modeling.sam2_base import NO_OBJ_SCORE, SAM2Base
from torch import Tensor

from .memory_bank import MemoryBank


class SAM2Features(NamedTuple):
    """Features of a number of frames.

    Attributes:
        levels: ``[F, C/8, 4g, 4g]``, ``[F, C/4, 2g, 2g]`` and ``[F, C, g, g]``.
        position: Sine encoding of the last level, ``[1, C, g, g]``.
    """

    levels: list[Tensor]
    position: Tensor

    def select(self, index: Tensor) -> 'SAM2Features':
        """Return the features of frames ``index`` ``[N]``, one for each object."""
        return SAM2Features([level[index] for level in self.levels], self.position)


class FrameMasks(NamedTuple):
    """What the decoder says of each object in one frame.

    Attributes:
        logits: Raw masks ``[N, 4g, 4g]``, not gated by the object score.
        iou: IoU ``[N]`` that it expects of each mask.
        object_score: Logit ``[N]`` of the object being visible.
    """

    logits: Tensor
    iou: Tensor
    object_score: Tensor


class FramePrompts(NamedTuple):
    """What points at each of ``N`` objects in one frame; None where nothing does.

    Attributes:
        points: ``[N, P, 2]``, columns and rows in pixels of the input.
        labels: int32 ``[N, P]``: 1 on the object, 0 beside it, 2 and 3 first and last
            corner of its box, -1 no point.
        masks: Masks in 0..1 ``[N, S, S]``.
        has_mask: bool ``[N]``, objects whose mask counts; its mask is then also what
            is remembered of the frame.
        tokens: Prompt embeddings ``[N, E, C]``.
    """

    points: Tensor | None = None
    labels: Tensor | None = None
    masks: Tensor | None = None
    has_mask: Tensor | None = None
    tokens: Tensor | None = None

    @property
    def count(self) -> int:
        """How many objects there are, ``N``."""
        return next(len(item) for item in self if item is not None)


class PromptedSAM2(SAM2Base):
    """SAM2's model with one method a frame, for many objects at once.

    Shapes: ``F`` frames, ``N`` objects, ``C`` channels, ``S`` rows and columns of
    the input, ``g = S / 16``.
    """

    def encode_frames(
        self,
        images: Tensor,
        frozen: bool = False,
        run_trunk: Callable[[Tensor], Sequence[Tensor]] | None = None,
    ) -> SAM2Features:
        """Run the image backbone, once a frame for all objects.

        Args:
            images: Normalised ``[F, 3, S, S]``.
            frozen: Compute no gradients for the backbone.
            run_trunk: Returns what its trunk makes of the images, where it need not
                run itself.

        Returns:
            SAM2Features: Of all frames.
        """
        backbone = self.image_encoder
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            levels, positions = backbone.neck((run_trunk or backbone.trunk)(images))
        # The coarsest level only served the one above it.
        fine, middle, coarse = levels[: -backbone.scalp]
        # These two projections belong to the mask decoder, which may train although
        # the backbone does not.
        fine = self.sam_mask_decoder.conv_s0(fine)
        middle = self.sam_mask_decoder.conv_s1(middle)
        position = positions[-1 - backbone.scalp][:1]
        return SAM2Features([fine, middle, coarse], position)

    def unprompted_pixels(self, features: SAM2Features) -> Tensor:
        """Return what masks are made of where nothing is prompted.

        Args:
            features: Of ``F`` frames.

        Returns:
            Tensor: ``[F, C/8, 4g, 4g]``, the mask decoder's upscaled image embedding,
            which has not met a prompt.
        """
        fine, middle, coarse = features.levels
        up, norm, first, more, second = self.sam_mask_decoder.output_upscaling
        return second(more(first(norm(up(coarse) + middle))) + fine)

    def encode_points(self, points: Tensor) -> Tensor:
        """Return SAM2's encoding ``[N, P, C]`` of points ``[N, P, 2]`` in 0..1."""
        return self.sam_prompt_encoder.pe_layer.forward_with_coords(points, (1, 1))

    def new_memory_bank(self) -> MemoryBank:
        """Return an empty memory for a group of objects."""
        return MemoryBank(self.num_maskmem, self.max_obj_ptrs_in_encoder)

    def track(
        self,
        features: SAM2Features,
        prompts: Tensor | FramePrompts,
        memory: MemoryBank,
        present: Tensor | None = None,
        gate: bool = True,
        last: bool = False,
    ) -> FrameMasks:
        """Find each object in the next frame and remember it there.

        Where an object is taken to be absent, an empty mask goes into the memory:
        where its score is not above 0, unless ``present`` says that it is there.

        Args:
            features: Of this frame for each object, levels ``[N, ...]``, or once for
                all, ``[1, ...]``.
            prompts: Prompt tokens ``[N, C]``, or all kinds of prompts.
            memory: Of the same objects; this frame is added to it.
            present: bool ``[N]``, objects that are really there, in training: a
                wrong score then takes no gradient away from their masks.
            gate: False remembers the raw masks of all.
            last: Nothing is remembered of this frame, since none follows.

        Returns:
            FrameMasks: Of all objects.
        """
        if isinstance(prompts, Tensor):
            prompts = FramePrompts(tokens=prompts[:, None])
        count = prompts.count
        # [N, C, g, g] -> [g*g, N, C], as sam2 has it
        current = features.levels[-1].flatten(2).permute(2, 0, 1)
        position = features.position.flatten(2).permute(2, 0, 1)
        grid = tuple(features.levels[-1].shape[-2:])
        index = memory.next_frame
        embedding = self._prepare_memory_conditioned_features(
            frame_idx=index,
            is_init_cond_frame=index == 0,
            current_vision_feats=[current.expand(-1, count, -1)],
            current_vision_pos_embeds=[position.expand(-1, count, -1)],
            feat_sizes=[grid],
            output_dict=memory.outputs,
            # sam2 scales the pointers' time encoding by the video's length when that
            # is short. A fixed scale means the same in training and in streaming.
            num_frames=index + self.max_obj_ptrs_in_encoder,
        )
        masks, iou, token, score = self._decode(
            embedding, features.levels[:-1], prompts
        )
        if last:
            return FrameMasks(masks[:, 0], iou[:, 0], score[:, 0])
        visible = torch.ones_like(score, dtype=torch.bool)  # [N, 1]
        if gate:
            visible = score > 0
            if present is not None:
                visible = visible | present[:, None]
        kept = masks
        if prompts.masks is not None:
            given = self._mask_logits(prompts.masks, masks.shape[-2:])
            kept = torch.where(prompts.has_mask[:, None, None, None], given, masks)
        self._remember(memory, current, grid, kept, token, visible)
        return FrameMasks(masks[:, 0], iou[:, 0], score[:, 0])

    def _decode(
        self, embedding: Tensor, fine_levels: list[Tensor], prompts: FramePrompts
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return masks ``[N, 1, 4g, 4g]``, IoU ``[N, 1]``, token, score ``[N, 1]``."""
        count = len(embedding)
        points, labels = prompts.points, prompts.labels
        if points is None:
            # SAM2's tracker prompts with one point of label -1 and pads with another.
            points = torch.zeros(count, 1, 2, device=embedding.device)
            labels = -torch.ones(count, 1, dtype=torch.int32, device=embedding.device)
        sparse, dense = self.sam_prompt_encoder((points, labels), None, None)
        if prompts.tokens is not None:
            sparse = torch.cat([sparse, prompts.tokens.to(sparse.dtype)], dim=1)
        if prompts.masks is not None:
            given = self._mask_logits(
                prompts.masks, self.sam_prompt_encoder.mask_input_size
            )
            given = self.sam_prompt_encoder.mask_downscaling(given)
            dense = torch.where(prompts.has_mask[:, None, None, None], given, dense)
        masks, iou, tokens, score = self.sam_mask_decoder(
            image_embeddings=embedding,
            image_pe=self.sam_prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,  # [N, P + 1 + E, C]
            dense_prompt_embeddings=dense,
            multimask_output=False,
            repeat_image=False,
            high_res_features=fine_levels,
        )
        return masks.float(), iou.float(), tokens[:, 0], score.float()

    def _mask_logits(self, masks: Tensor, size: tuple[int, int]) -> Tensor:
        """Return masks ``[N, S, S]`` in 0..1 as certain logits ``[N, 1, *size]``."""
        masks = F.interpolate(masks[:, None].float(), tuple(size), mode='area')
        return masks * 20.0 - 10.0

    def _remember(self, memory, current, grid, masks, token, visible) -> None:
        pointer = self.obj_ptr_proj(token)  # [N, C]
        pointer = torch.where(visible, pointer, self.no_obj_ptr.to(pointer.dtype))
        masks = torch.where(visible[..., None, None], masks, NO_OBJ_SCORE)
        features, positions = self._encode_new_memory(
            current_vision_feats=[current],
            feat_sizes=[grid],
            pred_masks_high_res=F.interpolate(
                masks, size=(self.image_size, self.image_size), mode='bilinear'
            ),
            object_score_logits=visible.float() * 2 - 1,
            is_mask_from_pts=False,
        )
        memory.add(features, positions, pointer)
