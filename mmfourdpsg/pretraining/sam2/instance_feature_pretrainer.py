"""Pretrainer of SAM2's features by instance contrast."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel
from mmfourdpsg.models.tube_decoders.prompted_sam2 import PromptedSAM2
from mmfourdpsg.models.tube_decoders.sam2_tube_decoder import SAM2TubeDecoder
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from ..feature_losses import instance_contrast, instance_logits, patch_owners


@MODELS.register_module()
class InstanceFeaturePretrainer(BaseSceneGraphModel):
    """Trains SAM2's image encoder and upscaling before anything is prompted.

    Frame by frame, with :class:`InstanceLoss` alone, which learns from all objects of
    many frames in the time in which few prompts are decoded.

    Args:
        tube_decoder: Config of the SAM2 tube decoder whose SAM2 is trained.
        instance_loss: Config of :class:`InstanceLoss` but for its channels.
        data_preprocessor: Config of the data preprocessor.
    """

    def __init__(
        self,
        tube_decoder: dict,
        instance_loss: dict | None = None,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        self.decoder = MODELS.build(dict(prompt_channels=1, **tube_decoder))
        # Nothing of what follows a prompt is used.
        decoder, sam2 = self.decoder, self.decoder.sam2
        decoder.requires_grad_(False)
        for part in (
            sam2.image_encoder,
            sam2.sam_mask_decoder.conv_s0,
            sam2.sam_mask_decoder.conv_s1,
            sam2.sam_mask_decoder.output_upscaling,
        ):
            part.requires_grad_(True)
        self.instance_loss = InstanceLoss(sam2.hidden_dim // 8, **(instance_loss or {}))

    def foundation_weights(self) -> dict[str, Tensor]:
        """Return SAM2's weights by their official names."""
        return self.decoder.sam2.state_dict()

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return ``loss_instance``.

        Args:
            inputs: ``rgb`` and ``frame_mask``, as of :meth:`forward`.
            data_samples: One a video, with ``gt_masks`` bool ``[N, T, h, w]``.
        """
        return self.instance_loss(self.decoder, inputs, data_samples)

    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``feature_counts`` of each data sample.

        Of ``instance_accuracy`` it is the number of pixels that are most like their
        own object, and of all.
        """
        for index, sample in enumerate(data_samples):
            single = {key: value[index : index + 1] for key, value in inputs.items()}
            counts = self.instance_loss.count(self.decoder, single, [sample])
            sample.set_metainfo(dict(feature_counts=dict(instance_accuracy=counts)))
        return data_samples


class InstanceLoss(BaseModule):
    """Trains what SAM2's masks are made of, for all objects of a frame at once.

    A mask is the product of a vector, which the prompt gives, with the features of the
    mask's pixels. ``loss_instance`` is the InfoNCE of each such feature, without a
    prompt, against the mean of each object's in its frame. It asks for no decoding, so
    it costs as much for all objects as a prompt does for one. Categories are not used.

    Shapes: ``B`` videos, ``T`` frames, ``F`` frames of all videos, ``N`` objects of a
    video, ``M`` of the video with most, ``g`` rows and columns of a mask.

    Args:
        channels: Channels of the mask's pixels, an eighth of those of the image
            embedding.
        joint_channels: Width of the space in which they are compared.
        weight: Weight of the loss.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        channels: int,
        joint_channels: int = 32,
        weight: float = 1.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.projection = nn.Linear(channels, joint_channels)
        self.log_scale = nn.Parameter(torch.tensor(10.0).log())
        self.weight = weight

    def forward(
        self,
        decoder: SAM2TubeDecoder,
        inputs: dict[str, Tensor],
        data_samples: Sequence[SceneGraphDataSample],
    ) -> dict[str, Tensor]:
        """Return ``loss_instance``, ``[]``.

        Args:
            decoder: The tube decoder whose SAM2 is trained.
            inputs: ``rgb`` uint8 ``[B, T, 3, H, W]`` and ``frame_mask`` bool
                ``[B, T]``.
            data_samples: One a video, with ``gt_masks`` bool ``[N, T, h, w]`` and
                ``img_shape``.
        """
        features, owners, number = self._compare(decoder, inputs, data_samples)
        loss = instance_contrast(features, owners, number, self.log_scale.exp())
        return dict(loss_instance=self.weight * loss)

    @torch.no_grad()
    def count(
        self,
        decoder: SAM2TubeDecoder,
        inputs: dict[str, Tensor],
        data_samples: Sequence[SceneGraphDataSample],
    ) -> tuple[int, int]:
        """Return how many pixels are most like their own object, and of how many."""
        features, owners, number = self._compare(decoder, inputs, data_samples)
        logits = instance_logits(features, owners, number, self.log_scale.exp())
        owners = owners.flatten(1)
        owned = owners >= 0
        right = (logits.argmax(-1) == owners)[owned].sum()
        return int(right), int(owned.sum())

    def _compare(
        self,
        decoder: SAM2TubeDecoder,
        inputs: dict[str, Tensor],
        data_samples: Sequence[SceneGraphDataSample],
    ) -> tuple[Tensor, Tensor, int]:
        """Return unit vectors ``[F, g, g, W]``, owners ``[F, g, g]``, and ``M``."""
        sam2: PromptedSAM2 = decoder.sam2
        images = []
        for rgb, mask, sample in zip(
            inputs['rgb'], inputs['frame_mask'], data_samples, strict=True
        ):
            height, width = sample.img_shape
            images.append(decoder.images(rgb[mask][:, :, :height, :width]))
        pixels = sam2.unprompted_pixels(decoder.encode(torch.cat(images)))
        vectors = self.projection(pixels.permute(0, 2, 3, 1))  # [F, g, g, W]
        coverage = _coverage(data_samples, pixels.shape[-2:]).to(pixels.device)
        vectors = F.normalize(vectors, dim=-1)
        return vectors, patch_owners(coverage), coverage.shape[1]


def _coverage(
    data_samples: Sequence[SceneGraphDataSample], size: tuple[int, int]
) -> Tensor:
    """Return the share ``[F, M, g, g]`` of each pixel that each object covers."""
    number = max(1, *(len(sample.gt_masks) for sample in data_samples))
    rows = []
    for sample in data_samples:
        height, width = sample.img_shape
        masks = sample.gt_masks[:, :, :height, :width].transpose(0, 1).float()
        rows.append(masks.new_zeros(len(masks), number, *size))
        if masks.shape[1]:
            rows[-1][:, : masks.shape[1]] = F.interpolate(masks, size, mode='area')
    return torch.cat(rows)
