"""MMDetection's Mask2Former head, which also hands out its queries."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.model import BaseModule
from mmengine.structures import InstanceData
from torch import Tensor

from mmfourdpsg.registry import MODELS


@dataclass
class SegmentQueries:
    """What a query head finds in some frames.

    Shapes: ``F`` frames, ``Q`` queries, ``K`` categories, ``C`` channels, ``h`` x ``w``
    pixels at a quarter of the frames' size.

    Attributes:
        categories: Logits ``[F, Q, K + 1]``, the last one of no object.
        masks: Logits ``[F, Q, h, w]``.
        queries: ``[F, Q, C]``, of the last layer, before its last normalisation.
        earlier: Logits of categories and masks of all earlier layers.
    """

    categories: Tensor
    masks: Tensor
    queries: Tensor
    earlier: Sequence[tuple[Tensor, Tensor]] = ()


@MODELS.register_module()
class Mask2FormerQueryHead(BaseModule):
    """Pixel decoder, masked-attention decoder and losses of Mask2Former.

    Source: Cheng et al., "Masked-attention mask transformer for universal image
    segmentation" (CVPR 2022). All is MMDetection's ``Mask2FormerHead``, called on plain
    tensors: every object is a target of its own, stuff of one category too, which
    MMDetection's own targets would unite.

    Args:
        in_channels: Channels of the backbone's outputs.
        num_categories: ``K``, things and stuff.
        mask2former: Config of MMDetection's head without what follows from the other
            arguments.
        no_object_weight: Weight of "no object" in the cross-entropy of categories.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        embed_dims: Channels ``C`` of a query.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        num_categories: int,
        mask2former: dict,
        no_object_weight: float = 0.1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        config = ConfigDict(copy.deepcopy(dict(mask2former)))
        config.update(
            in_channels=list(in_channels),
            num_things_classes=num_categories,
            num_stuff_classes=0,
        )
        config.loss_cls.class_weight = [1.0] * num_categories + [no_object_weight]
        self.mask2former = MODELS.build(config)
        self.num_categories = num_categories
        self.embed_dims = self.mask2former.decoder_embed_dims

    def forward(self, features: Sequence[Tensor]) -> SegmentQueries:
        """Find segments.

        Args:
            features: The backbone's outputs ``[F, C_i, h_i, w_i]``.
        """
        found: list[Tensor] = []
        # Logits are of normalised queries alone, so the head does not return these.
        last = self.mask2former.transformer_decoder.layers[-1]
        handle = last.register_forward_hook(lambda *args: found.append(args[-1]))
        try:
            categories, masks = self.mask2former(features, None)
        finally:
            handle.remove()
        return SegmentQueries(
            categories[-1],
            masks[-1],
            found[0],
            list(zip(categories[:-1], masks[:-1], strict=True)),
        )

    def loss(
        self,
        features: Sequence[Tensor],
        categories: Sequence[Tensor],
        masks: Sequence[Tensor],
    ) -> dict[str, Tensor]:
        """Return the losses of all layers.

        Args:
            features: The backbone's outputs of ``F`` frames.
            categories: Of each frame the categories of its objects ``[n]``.
            masks: Of each frame the masks of its objects, bool ``[n, H, W]``.

        Returns:
            dict[str, Tensor]: ``loss_cls``, ``loss_mask`` and ``loss_dice`` of the last
            layer, ``d0.loss_cls`` and so on of the others.
        """
        found = self(features)
        layers = [*found.earlier, (found.categories, found.masks)]
        instances = [
            InstanceData(labels=labels, masks=targets.float())
            for labels, targets in zip(categories, masks, strict=True)
        ]
        return self.mask2former.loss_by_feat(
            *zip(*layers, strict=True), instances, [{}] * len(instances)
        )

    @torch.no_grad()
    def assign(
        self, found: SegmentQueries, frame: int, categories: Tensor, masks: Tensor
    ) -> Tensor:
        """Return which query each object of a frame has, as in training.

        Where training costs points at random, this takes all pixels.

        Args:
            found: What the head found.
            frame: Which of its frames.
            categories: Categories of the frame's objects ``[n]``.
            masks: Their masks, bool ``[n, H, W]``.

        Returns:
            Tensor: Indices of queries ``[n]``, each another one; -1 where there are
            fewer queries than objects.
        """
        size = found.masks.shape[-2:]
        small = F.interpolate(masks[:, None].float(), size, mode='area')  # [n, 1, h, w]
        return self.assign_masks(
            found.categories[frame],
            found.masks[frame].flatten(1),
            categories,
            small.flatten(1),
        )

    def assign_masks(
        self, logits: Tensor, masks: Tensor, categories: Tensor, targets: Tensor
    ) -> Tensor:
        """Return which query each object has, -1 where it has none.

        Args:
            logits: Of categories ``[Q, K + 1]``.
            masks: Logits of masks ``[Q, P]``, of ``P`` pixels.
            categories: Categories of the objects ``[n]``.
            targets: Their masks ``[n, P]``.
        """
        queries = categories.new_full((len(categories),), -1)
        if not len(categories):
            return queries
        result = self.mask2former.assigner.assign(
            InstanceData(scores=logits, masks=masks),
            InstanceData(labels=categories, masks=targets),
        )
        (chosen,) = (result.gt_inds > 0).nonzero(as_tuple=True)
        queries[result.gt_inds[chosen] - 1] = chosen
        return queries
