"""Volume IoU of mask tubes."""

from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube


def tube_iou(first: MaskTube | None, second: MaskTube | None) -> float:
    """Return the volume IoU of two tubes over all their frames.

    Works on the run-length encodings; nothing is decoded.

    Args:
        first: A tube; None counts as empty.
        second: Another of the same height and width.

    Returns:
        Intersection over union of the pixels of all frames, 0 when both are empty.

    Raises:
        ValueError: The tubes differ in height or width.
    """
    if not first or not second:
        return 0.0
    if (first.height, first.width) != (second.height, second.width):
        raise ValueError(
            f'tubes are {first.height} x {first.width} and {second.height} x '
            f'{second.width} pixels, expected the same size'
        )
    intersection = sum(
        int(coco_mask.area(coco_mask.merge([rle, second.rles[frame]], intersect=True)))
        for frame, rle in first.rles.items()
        if frame in second.rles
    )
    return intersection / (first.area() + second.area() - intersection)
