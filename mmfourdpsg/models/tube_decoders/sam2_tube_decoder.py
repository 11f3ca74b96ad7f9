"""SAM2 as the tube decoder: mask tubes from the hidden states of ``[Obj]``."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.utils.checkpoint_file import load_part

from .decoded_tubes import DecodedTubes
from .frame_images import FrameImages
from .memory_bank import MemoryBank
from .object_follower import ObjectFollower, ObjectLook
from .prompted_sam2 import FrameMasks, SAM2Features
from .sam2_builder import build_sam2
from .sam2_checkpoint import load_sam2_checkpoint
from .scratch_init import init_from_scratch, init_prompt_projector
from .training_clip import TrainingClip, choose_videos, make_training_clip
from .tube_losses import TubeLosses


@MODELS.register_module()
class SAM2TubeDecoder(BaseModule):
    """SAM2 as the decoder of 4D-LLM (paper, section 3.1; losses of Eq. 1).

    The hidden state of an object's ``[Obj]`` goes through a linear projector and
    becomes one more prompt token of SAM2 in every frame. SAM2's memory runs from
    frame to frame, in training as in inference. In training the raw masks are
    supervised, and the object score on its own; in inference a score not above 0
    empties the mask.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of one video, ``C`` prompt
    channels, ``H`` x ``W`` pixels of the batch, ``h`` x ``w`` of one video.

    Args:
        prompt_channels: Width ``C`` of the prompt embeddings.
        sam2: Sizes, the arguments of :func:`build_sam2`; None is SAM2.1-Large.
        checkpoint: Official SAM2 weights, loaded by :meth:`init_weights`; None
            starts from random weights.
        prompt_checkpoint: Weights of the prompt projector (``safetensors``,
            ``prompt_projector.*``), loaded by :meth:`init_weights`; None starts from
            random ones.
        freeze: Parts of SAM2 that do not train, such as ``'image_encoder'``, or
            single weights of it, such as ``'no_obj_ptr'``.
        loss_size: Rows and columns at which masks are compared, in pixels; None
            takes half of SAM2's input, twice the size of its raw masks.
        max_train_frames: Frames a video that a training step takes, evenly spaced
            at a random offset; None takes all.
        max_train_objects: Objects a video that a training step takes; None takes
            all.
        train_share: Share of the videos of a batch that a training step takes, on
            average; SAM2 does not run for the others. The weights of Eq. 1 hold in
            expectation, see :func:`.training_clip.choose_videos`.
        train_memory: Whether memory goes from frame to frame in training; otherwise
            each frame of a training step stands alone.
        gradient_checkpointing: Whether to trade time for memory in training: what
            happens to a frame is computed again for its gradients.
        feature_cache: Config of the :class:`FeatureCache` that keeps what the trunk of
            a frozen image encoder makes of the frames of training steps: half a
            megabyte a frame for a mini SAM2 in half precision. None encodes each frame
            whenever it comes.
        objects_per_pass: Objects that go through SAM2 at once.
        min_area: Smallest mask that a tube keeps, in pixels of the frame; a smaller
            one counts as absent.
        inference_dtype: Type in which objects are followed in inference, such as
            ``'bfloat16'``, by autocast; None follows them in that of the weights, or
            of an autocast around it.
        loss_iou: Config of the loss on the predicted IoU.
        loss_dice: Config of the first loss on the masks.
        loss_focal: Config of the second.
        loss_object_score: Config of the loss on the object score.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``freeze`` names what is no part of SAM2, ``train_share`` is not in
            0..1 or 0, or there is a feature cache and the image encoder trains.
    """

    def __init__(
        self,
        prompt_channels: int,
        sam2: Mapping | None = None,
        checkpoint: str | None = None,
        prompt_checkpoint: str | None = None,
        freeze: Sequence[str] = (),
        loss_size: int | None = None,
        max_train_frames: int | None = None,
        max_train_objects: int | None = None,
        train_share: float = 1.0,
        train_memory: bool = True,
        gradient_checkpointing: bool = False,
        feature_cache: dict | None = None,
        objects_per_pass: int = 64,
        min_area: int = 1,
        inference_dtype: str | None = None,
        loss_iou: dict | None = None,
        loss_dice: dict | None = None,
        loss_focal: dict | None = None,
        loss_object_score: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not 0 < train_share <= 1:
            raise ValueError(f'train_share is {train_share}, expected 0 < share <= 1')
        if feature_cache is not None and 'image_encoder' not in freeze:
            raise ValueError(
                'feature_cache is set and the image_encoder trains, expected it among '
                'what freeze names'
            )
        self.sam2 = build_sam2(**(sam2 or {}))
        self.feature_cache = None
        if feature_cache is not None:
            self.feature_cache = TASK_UTILS.build(feature_cache)
        self._trunk_settings = dict(trunk=(sam2 or {}).get('trunk', 'Large'))
        self.images = FrameImages(self.sam2.image_size)
        self.prompt_projector = nn.Linear(prompt_channels, self.sam2.hidden_dim)
        self.checkpoint = checkpoint
        self.prompt_checkpoint = prompt_checkpoint
        self.loss_size = loss_size or self.sam2.image_size // 2
        self.max_train_frames = max_train_frames
        self.max_train_objects = max_train_objects
        self.train_share = train_share
        self.train_memory = train_memory
        self.gradient_checkpointing = gradient_checkpointing
        self.objects_per_pass = objects_per_pass
        self.min_area = min_area
        self.inference_dtype = inference_dtype
        self.mask_losses = TubeLosses(
            self.loss_size, loss_iou, loss_dice, loss_focal, loss_object_score
        )
        self.freeze = tuple(freeze)
        weights = dict(self.sam2.named_parameters(recurse=False))
        parts = dict(self.sam2.named_children()) | weights
        for name in self.freeze:
            if name not in parts:
                raise ValueError(
                    f'freeze names {name!r}, expected parts of SAM2: {", ".join(parts)}'
                )
            parts[name].requires_grad_(False)
        # Only clicks with masks and frames without memory would reach these.
        self.sam2.mask_downsample.requires_grad_(False)
        self.sam2.sam_prompt_encoder.mask_downscaling.requires_grad_(False)
        self.sam2.no_mem_pos_enc.requires_grad_(False)

    def init_weights(self) -> None:
        """Load the checkpoint, or start from scratch without one.

        Raises:
            InputError: The file's weights are not those of the configured SAM2.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_sam2_checkpoint(self.sam2, self.checkpoint)
            init_prompt_projector(self.prompt_projector, gain=1.0)
        else:
            init_from_scratch(self.sam2)
            init_prompt_projector(self.prompt_projector)
        if self.prompt_checkpoint is not None:
            load_part(
                self.prompt_projector, self.prompt_checkpoint, 'prompt_projector.'
            )

    def train(self, mode: bool = True) -> 'SAM2TubeDecoder':
        """Set the mode; frozen parts stay in inference mode."""
        super().train(mode)
        for name, part in self.sam2.named_children():
            if name in self.freeze:
                part.eval()
        return self

    def loss(
        self,
        rgb: Tensor,
        frame_mask: Tensor,
        prompts: list[Tensor],
        gt_masks: list[Tensor],
        img_shapes: list[tuple[int, int]],
    ) -> dict[str, Tensor]:
        """Return the mask terms of Eq. 1 and the object score's, by name.

        Mask terms are means over all pairs of an object and a frame in which it is
        visible, the object score's over all pairs with a real frame. In training the
        pairs are those of the videos, frames and objects that a step takes; in
        expectation the means are those over all.

        Args:
            rgb: uint8 ``[B, T, 3, H, W]``.
            frame_mask: bool ``[B, T]``, False on padding.
            prompts: Prompt embeddings, one ``[N, C]`` a video; ``N`` may be 0.
            gt_masks: One bool ``[N, T, h, w]`` a video.
            img_shapes: Rows and columns ``(h, w)`` that are not padding.

        Returns:
            dict[str, Tensor]: ``loss_iou``, ``loss_dice``, ``loss_focal`` and
            ``loss_object_score``; all zero for a step without objects.
        """
        videos, weight = choose_videos(
            [len(item) for item in prompts], self.train_share if self.training else 1.0
        )
        clip = make_training_clip(
            rgb,
            frame_mask,
            prompts,
            gt_masks,
            img_shapes,
            self.loss_size,
            self.max_train_frames if self.training else None,
            self.max_train_objects if self.training else None,
            videos,
        )
        if clip is None:
            zero = self._zero(prompts)
            return dict.fromkeys(TubeLosses.NAMES, zero)
        losses = self.mask_losses(*self.decode_clip(clip), clip)
        losses = {name: value * weight for name, value in losses.items()}
        if clip.rows.shape[1] == 1 or not self.train_memory:
            # The memory is unused then, but every process must have its gradient.
            losses['loss_iou'] = losses['loss_iou'] + self._zero(prompts)
        return losses

    def decode_clip(self, clip: TrainingClip) -> tuple[Tensor, Tensor, Tensor]:
        """Follow the objects of a batch through its frames.

        Args:
            clip: Frames and objects of the batch, ``n`` objects in all, ``K`` frames.

        Returns:
            tuple[Tensor, Tensor, Tensor]: Raw mask logits ``[n, K, S/4, S/4]``,
            predicted IoU ``[n, K]``, logits of the object score ``[n, K]``.
        """
        images = torch.cat([self.images(frames) for frames in clip.frames])
        features = self.encode(images)
        prompts, length = self._project(clip.prompts), clip.rows.shape[1]
        chunks = []
        for group in torch.arange(len(prompts)).split(self.objects_per_pass):
            memory = self.sam2.new_memory_bank()
            outputs = []
            for k in range(length):
                alone = self.training and not self.train_memory
                if alone:
                    memory = self.sam2.new_memory_bank()
                output, memory = self._track(
                    features,
                    clip.rows[group, k],
                    prompts[group],
                    memory,
                    clip.present[group, k],
                    last=alone or k == length - 1,
                )
                outputs.append(output)
            chunks.append(
                [torch.stack(items, 1) for items in zip(*outputs, strict=True)]
            )
        logits, iou, score = (torch.cat(items) for items in zip(*chunks, strict=True))
        return logits, iou, score

    def _track(
        self,
        features: SAM2Features,
        rows: Tensor,
        prompts: Tensor,
        memory: MemoryBank,
        present: Tensor,
        last: bool,
    ) -> tuple[FrameMasks, MemoryBank]:
        """Return the masks of frames ``rows`` and the memory with them."""

        def track(memory: MemoryBank, prompts: Tensor) -> tuple[FrameMasks, MemoryBank]:
            # Run again for gradients, it begins with the memory of now.
            memory = memory.copy()
            masks = self.sam2.track(
                features.select(rows),
                prompts,
                memory,
                present=present,
                gate=self.training,
                last=last,
            )
            return masks, memory

        if self.gradient_checkpointing and self.training and torch.is_grad_enabled():
            # By the tensors among its arguments it knows whose random state to keep.
            return checkpoint(track, memory, prompts, use_reentrant=False)
        return track(memory, prompts)

    @torch.no_grad()
    def look(
        self, frames: Sequence[np.ndarray], prompts: Tensor, num_frames: int = 1
    ) -> ObjectLook:
        """Look for objects in a few frames, see :meth:`ObjectFollower.look`.

        Args:
            frames: As of :meth:`predict`.
            prompts: Prompt embeddings ``[N, C]``.
            num_frames: How many frames, spread over the video from the first one on.
        """
        return self._follower().look(frames, self._project(prompts), num_frames)

    @torch.no_grad()
    def predict(
        self,
        frames: Sequence[np.ndarray],
        prompts: Tensor,
        weights: Tensor | None = None,
        features: dict[int, SAM2Features] | None = None,
    ) -> DecodedTubes:
        """Follow objects through a whole video, see :meth:`ObjectFollower.follow`.

        Args:
            frames: uint8 RGB ``[H, W, 3]`` each; only ``len`` and ``[i]`` are used.
            prompts: Prompt embeddings ``[N, C]``; ``N`` may be 0.
            weights: What each object counts ``[N]`` where several claim a pixel, see
                :class:`TubeCollector`; None leaves the masks as they are.
            features: Of frames that were looked at.

        Returns:
            DecodedTubes: Of the ``N`` objects, at the frames' size.

        Raises:
            InputError: A frame has another size than the first.
        """
        tokens = self._project(prompts)
        return self._follower().follow(frames, tokens, weights, features)

    def _follower(self) -> ObjectFollower:
        return ObjectFollower(
            self.sam2,
            lambda frames: self.encode(self.images(frames)),
            self.objects_per_pass,
            self.min_area,
            self.inference_dtype,
        )

    def encode(self, images: Tensor) -> SAM2Features:
        """Run SAM2's backbone on normalised images ``[F, 3, S, S]``."""
        # Of a test there would be every frame of every video to keep.
        cached = self.feature_cache is not None and self.training
        return self.sam2.encode_frames(
            images,
            'image_encoder' in self.freeze,
            self._cached_trunk if cached else None,
        )

    def _cached_trunk(self, images: Tensor) -> list[Tensor]:
        trunk = self.sam2.image_encoder.trunk
        return self.feature_cache.encode_levels(
            images, 'sam2', trunk, self._trunk_settings, trunk
        )

    def _project(self, prompts: Tensor) -> Tensor:
        return self.prompt_projector(prompts.to(self.prompt_projector.weight.dtype))

    def _zero(self, prompts: list[Tensor]) -> Tensor:
        """Return 0 with a gradient of 0 for every weight and prompt."""
        used = [weight for weight in self.parameters() if weight.requires_grad]
        return sum(item.float().sum() for item in [*used, *prompts]) * 0.0
