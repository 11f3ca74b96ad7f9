"""Panoptic segmentor: from RGB-D frames to segments with queries."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS

from ..scene_encoders.depth_to_disparity import is_known
from .frame_segments import FrameSegments, mask_ious, upsample
from .mask2former_query_head import SegmentQueries

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)


@MODELS.register_module()
class PanopticSegmentor(BaseModule):
    """Segments each frame by itself.

    Depth goes in as disparity with statistics of its own, at the size of the frames.

    Shapes: ``F`` frames, ``H`` x ``W`` pixels, ``n`` objects of a frame.

    Args:
        num_categories: Number of categories, things and stuff.
        backbone: Config of :class:`DualStreamResNet`.
        head: Config of :class:`Mask2FormerQueryHead`; it is told the backbone's widths.
        depth_to_disparity: Config of what depth becomes; None reads no depth.
        mean: Subtracted from colours.
        std: Divides them after that.
        min_score: Least score of a segment.
        min_mask: Least probability of its pixels.
        min_area_ratio: Least share of these pixels that are not rather of others.
        init_cfg: Initialisation config of MMEngine.

    Attributes:
        embed_dims: Channels of a query.
    """

    def __init__(
        self,
        num_categories: int,
        backbone: dict,
        head: dict,
        depth_to_disparity: dict | None = None,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
        min_score: float = 0.8,
        min_mask: float = 0.5,
        min_area_ratio: float = 0.8,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_categories = num_categories
        self.backbone = MODELS.build(backbone)
        self.head = MODELS.build(
            dict(
                in_channels=self.backbone.out_channels,
                num_categories=num_categories,
                **head,
            )
        )
        self.depth_to_disparity = None
        if depth_to_disparity is not None:
            self.depth_to_disparity = MODELS.build(depth_to_disparity)
        for name, value in (('mean', mean), ('std', std)):
            numbers = torch.tensor(value).reshape(-1, 1, 1)
            self.register_buffer(name, numbers, persistent=False)
        self.min_score = min_score
        self.min_mask = min_mask
        self.min_area_ratio = min_area_ratio
        self.embed_dims = self.head.embed_dims

    def extract_features(self, rgb: Tensor, depth: Tensor) -> list[Tensor]:
        """Return the backbone's outputs.

        Args:
            rgb: uint8 ``[F, 3, H, W]``.
            depth: Metres ``[F, H, W]``, 0 = unknown.
        """
        colours = (rgb.float() - self.mean) / self.std
        if self.depth_to_disparity is None:
            return self.backbone(colours)
        has_depth = is_known(depth).flatten(1).any(dim=1)  # [F]
        if not self.training and not has_depth.any():
            return self.backbone(colours)
        return self.backbone(colours, self.depth_to_disparity(depth), has_depth)

    def forward(self, rgb: Tensor, depth: Tensor) -> SegmentQueries:
        """Return what the head finds; arguments are those of :meth:`loss`."""
        return self.head(self.extract_features(rgb, depth))

    def loss(
        self,
        rgb: Tensor,
        depth: Tensor,
        categories: Sequence[Tensor],
        masks: Sequence[Tensor],
    ) -> dict[str, Tensor]:
        """Return the losses.

        Args:
            rgb: uint8 ``[F, 3, H, W]``.
            depth: Metres ``[F, H, W]``, 0 = unknown.
            categories: Of each frame the categories of its objects ``[n]``.
            masks: Of each frame the masks of its objects, bool ``[n, H, W]``.
        """
        features = self.extract_features(rgb, depth)
        return self.head.loss(features, categories, masks)

    @torch.no_grad()
    def segment(
        self, rgb: Tensor, depth: Tensor, size: tuple[int, int]
    ) -> list[FrameSegments]:
        """Return the segments of each frame.

        Args:
            rgb: uint8 ``[F, 3, H, W]``.
            depth: Metres ``[F, H, W]``, 0 = unknown.
            size: Height and width of the masks.
        """
        found = self(rgb, depth)
        return [self.frame_segments(found, frame, size) for frame in range(len(rgb))]

    def frame_segments(
        self, found: SegmentQueries, frame: int, size: tuple[int, int]
    ) -> FrameSegments:
        """Return a frame's segments: queries that are sure compete for its pixels.

        A segment keeps its query, so that each has exactly one.

        Args:
            found: What the head found.
            frame: Which of its frames.
            size: Height and width of the masks.
        """
        scores, categories = found.categories[frame].softmax(dim=-1).max(dim=-1)
        sure = (categories < self.num_categories) & (scores > self.min_score)
        (kept,) = sure.nonzero(as_tuple=True)
        if not len(kept):
            return FrameSegments(found.queries[frame, kept].float().cpu())
        masks, whole = self.competing_masks(
            found.masks[frame, kept], scores[kept], size
        )
        kept, masks = kept[whole], masks[whole]
        return FrameSegments.of_masks(
            found.queries[frame, kept],
            categories[kept].tolist(),
            scores[kept].tolist(),
            masks.cpu().numpy(),
        )

    def competing_masks(
        self, logits: Tensor, scores: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """Return masks that share no pixel.

        Args:
            logits: Of the masks of a frame ``[n, h, w]``.
            scores: ``[n]``, in 0..1; the surer one has a pixel.
            size: Height and width of the masks.

        Returns:
            tuple[Tensor, Tensor]: bool ``[n, H, W]``, and bool ``[n]``, which have kept
            enough of their pixels to count.
        """
        likely = upsample(logits, size).sigmoid()  # [n, H, W]
        winner = (likely * scores[:, None, None]).argmax(dim=0)  # [H, W]
        masks = likely >= self.min_mask
        places = torch.arange(len(masks), device=winner.device)
        own = masks & (winner == places[:, None, None])
        areas, left = (x.flatten(1).sum(dim=1) for x in (masks, own))
        return own, (left > 0) & (left >= self.min_area_ratio * areas)

    @torch.no_grad()
    def object_queries(
        self,
        found: SegmentQueries,
        frame: int,
        categories: Tensor,
        masks: Tensor,
        min_iou: float,
    ) -> tuple[Tensor, Tensor]:
        """Return the queries of annotated objects, as training assigns them.

        Args:
            found: What the head found.
            frame: Which of its frames.
            categories: Categories of the frame's objects ``[n]``.
            masks: Their masks, bool ``[n, H, W]``.
            min_iou: Least IoU of an object's mask with that of its query.

        Returns:
            tuple[Tensor, Tensor]: Queries ``[n, C]``, and bool ``[n]``, which objects
            were found.
        """
        chosen = self.head.assign(found, frame, categories, masks)
        there = chosen >= 0
        chosen = chosen.clamp(min=0)
        likely = upsample(found.masks[frame, chosen], masks.shape[-2:]).sigmoid()
        there = there & (mask_ious(likely >= self.min_mask, masks) >= min_iou)
        return found.queries[frame, chosen], there
