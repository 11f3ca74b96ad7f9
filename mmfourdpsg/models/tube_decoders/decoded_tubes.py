"""Collector of decoded masks into the mask tubes of a video's objects."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from pycocotools import mask as coco_mask
from torch import Tensor

from mmfourdpsg.structures import MaskTube

from .mask_overlaps import MaskOverlaps


class DecodedTubes(NamedTuple):
    """Mask tubes of ``N`` objects of a video.

    Attributes:
        tubes: Their tubes, at the size of the video's frames.
        ious: Mean IoU ``[N]`` that the decoder expects of an object's masks, over the
            frames in which it is found; 0 if there are none.
        overlaps: Volume IoU ``[N, N]`` of the masks before objects compete.
        volumes: Pixels ``[N]`` of an object's masks in all frames, before that.
    """

    tubes: list[MaskTube]
    ious: Tensor
    overlaps: Tensor
    volumes: Tensor


class TubeCollector:
    """Gathers the masks of a video's objects, frame by frame.

    Given weights, objects compete for pixels, so that each belongs to at most one: the
    one with the greatest product of weight, expected IoU in this frame and mask
    probability, among those whose mask holds it.

    Shapes: ``N`` objects, ``H`` x ``W`` pixels of a frame, ``h`` x ``w`` of raw masks.

    Args:
        count: Number of objects ``N``.
        size: Rows and columns of a frame, in pixels.
        weights: What each object counts ``[N]``; None lets masks overlap.
        min_area: Smallest mask that a tube keeps, in pixels of the frame.
        objects_per_pass: Objects whose masks are there at full size at once.
    """

    def __init__(
        self,
        count: int,
        size: tuple[int, int],
        weights: Tensor | None = None,
        min_area: int = 1,
        objects_per_pass: int = 64,
    ) -> None:
        self.size = tuple(size)
        self.weights = weights
        self.min_area = max(min_area, 1)
        self.groups = torch.arange(count).split(objects_per_pass)
        self.rles: list[dict[int, dict]] = [{} for _ in range(count)]
        self.ious: list[list[float]] = [[] for _ in range(count)]
        self.volumes = torch.zeros(count, dtype=torch.long)
        self.overlaps = MaskOverlaps(count)

    def add(self, frame: int, logits: Tensor, iou: Tensor, visible: Tensor) -> None:
        """Add a frame.

        Args:
            frame: Its index.
            logits: Raw masks ``[N, h, w]``.
            iou: IoU ``[N]`` that is expected of them.
            visible: bool ``[N]``, whether the object is there at all.
        """
        self.overlaps.add(logits, visible)
        winner = None if self.weights is None else self._winner(logits, iou, visible)
        for group in self.groups:
            masks = self._upsample(logits[group]) > 0
            masks &= visible[group, None, None]
            self.volumes[group] += masks.flatten(1).sum(1).cpu()
            if winner is not None:
                masks &= winner == group.to(winner.device)[:, None, None]
            large = masks.flatten(1).sum(1) >= self.min_area
            found = zip(
                group.tolist(),
                _encode(masks),
                large.tolist(),
                iou[group].tolist(),
                strict=True,
            )
            for place, rle, shown, expected in found:
                if shown:
                    self.rles[place][frame] = rle
                    self.ious[place].append(expected)

    def result(self) -> DecodedTubes:
        """Return what has been gathered."""
        return DecodedTubes(
            [MaskTube(*self.size, rles) for rles in self.rles],
            torch.tensor([sum(row) / max(len(row), 1) for row in self.ious]),
            self.overlaps.ious(),
            self.volumes,
        )

    def _winner(self, logits: Tensor, iou: Tensor, visible: Tensor) -> Tensor:
        """Return the object ``[H, W]`` that has each pixel, -1 for none."""
        best = logits.new_zeros(self.size)
        winner = torch.full(self.size, -1, device=logits.device)
        worth = self.weights.to(iou) * iou.clamp(min=0)  # [N]
        # One by one: masks of full size are large, and only the best so far counts.
        for index in visible.nonzero().flatten().tolist():
            full = self._upsample(logits[index : index + 1])[0]
            value = full.sigmoid() * worth[index]
            better = (full > 0) & ((value > best) | (winner < 0))
            winner[better] = index
            best = torch.where(better, value, best)
        return winner

    def _upsample(self, logits: Tensor) -> Tensor:
        return F.interpolate(logits[:, None], self.size, mode='bilinear')[:, 0]


def _encode(masks: Tensor) -> list[dict]:
    """Return a run-length encoding of each mask ``[N, H, W]``."""
    stacked = np.asfortranarray(masks.permute(1, 2, 0).cpu().numpy().astype(np.uint8))
    return [
        dict(size=list(rle['size']), counts=rle['counts'].decode())
        for rle in coco_mask.encode(stacked)
    ]
