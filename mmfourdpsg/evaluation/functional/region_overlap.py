"""IoU of objects in one frame."""

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import Box, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError

REGIONS = ('mask', 'box')


def check_region(region: str) -> None:
    """Check what :func:`region_ious` is asked for.

    Raises:
        InputError: The region is unknown.
    """
    if region not in REGIONS:
        raise InputError(f'region is {region!r}, expected one of {list(REGIONS)}')


def region_ious(
    ground_truth: SceneGraph, prediction: SceneGraph, frame: int, region: str = 'mask'
) -> dict[tuple[int, int], float]:
    """Return (ground-truth id, predicted id) -> IoU, 0 where either has no region.

    The box of an object that has a mask alone is the one around it. Corners of boxes
    lie between pixels, so a box's width is ``x2 - x1``.

    Args:
        ground_truth: A graph.
        prediction: Another of equal size.
        frame: The frame in which objects are compared.
        region: One of :data:`REGIONS`.

    Raises:
        InputError: The region is unknown.
    """
    check_region(region)
    find = _mask if region == 'mask' else _box
    ious = {
        (wanted.id, found.id): 0.0
        for wanted in ground_truth.objects
        for found in prediction.objects
    }
    rows, columns = (
        {item.id: place for item in graph.objects if (place := find(item, frame))}
        for graph in (ground_truth, prediction)
    )
    if rows and columns:
        regions: list[Any] = [list(places.values()) for places in (rows, columns)]
        if region == 'box':
            # As [x, y, width, height], which the library takes.
            regions = [
                np.array(
                    [(x, y, right - x, bottom - y) for x, y, right, bottom in boxes]
                )
                for boxes in regions
            ]
        # It gives one row a found region.
        matrix = coco_mask.iou(regions[1], regions[0], [False] * len(rows))
        for j, found in enumerate(columns):
            for i, wanted in enumerate(rows):
                ious[wanted, found] = float(matrix[j, i])
    return ious


def _mask(item: SceneObject, frame: int) -> dict | None:
    return item.tube.rles.get(frame) if item.tube is not None else None


def _box(item: SceneObject, frame: int) -> Box | None:
    if item.boxes and frame in item.boxes:
        left, top, right, bottom = item.boxes[frame]
        return left, top, right, bottom
    rle = _mask(item, frame)
    if rle is None or not coco_mask.area(rle):
        return None
    x, y, width, height = coco_mask.toBbox(rle).tolist()
    return x, y, x + width, y + height
