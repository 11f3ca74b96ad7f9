"""What a segmentor learns of a clip: masks of its objects, or boxes instead."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample


class ClipTargets(NamedTuple):
    """Objects that the annotated frames of a clip show.

    Shapes: ``n`` such objects, ``T`` annotated frames, ``h`` x ``w`` pixels.

    Attributes:
        places: Which of the annotation's objects they are ``[n]``.
        masks: bool ``[n, T, h, w]``.
        are_masks: Whether these are their masks, and not their boxes filled.
    """

    places: Tensor
    masks: Tensor
    are_masks: bool


def clip_targets(
    sample: SceneGraphDataSample, size: tuple[int, int], device: torch.device
) -> ClipTargets:
    """Return the targets of a clip.

    Where the annotation has no masks, as in Visual Genome, boxes of frame 0 say where
    objects are: enough to tell which query an object has, and no shape to learn.

    Args:
        sample: The clip.
        size: Rows and columns to which boxes are filled.
        device: Where the targets are wanted.
    """
    if 'gt_masks' in sample:
        masks = sample.gt_masks.to(device)
        (places,) = masks.flatten(1).any(dim=1).nonzero(as_tuple=True)
        return ClipTargets(places, masks[places], True)
    boxes = {
        place: item.boxes[0]
        for place, item in enumerate(sample.gt_scene_graph.objects)
        if item.boxes and 0 in item.boxes
    }
    corners = torch.tensor(list(boxes.values()), device=device).reshape(-1, 4)
    filled = fill_boxes(corners, sample.img_shape, size)
    places = torch.tensor(list(boxes), dtype=torch.long, device=device)
    return ClipTargets(places, filled[:, None], False)


def fill_boxes(
    boxes: Tensor, img_shape: tuple[int, int], size: tuple[int, int]
) -> Tensor:
    """Return bool ``[n, h, w]``, the cells that boxes touch, at least one each.

    Args:
        boxes: Corners ``x1, y1, x2, y2`` in pixels ``[n, 4]``.
        img_shape: Rows and columns of pixels.
        size: Rows ``h`` and columns ``w`` of cells.
    """
    inside = []
    for start, end, pixels, cells in (
        (boxes[:, 1], boxes[:, 3], img_shape[0], size[0]),
        (boxes[:, 0], boxes[:, 2], img_shape[1], size[1]),
    ):
        scale = cells / pixels
        first = (start * scale).floor().clamp(0, cells - 1)
        last = torch.maximum((end * scale).ceil() - 1, first)
        numbers = torch.arange(cells, device=boxes.device)
        inside.append((numbers >= first[:, None]) & (numbers <= last[:, None]))
    rows, columns = inside
    return rows[:, :, None] & columns[:, None]


def mean_losses(
    losses: Sequence[dict[str, Tensor]], are_masks: Sequence[bool]
) -> dict[str, Tensor]:
    """Return the means of the losses of clips; boxes teach categories alone.

    Args:
        losses: Of each clip, as Mask2Former's head names them.
        are_masks: Of each clip whether its targets are masks.
    """
    means = {}
    for name in losses[0]:
        values = torch.stack([row[name] for row in losses])
        counts = torch.ones_like(values)
        if not name.endswith('loss_cls'):
            counts = torch.tensor(are_masks, dtype=values.dtype, device=values.device)
        means[name] = (values * counts).sum() / counts.sum().clamp(min=1)
    return means
