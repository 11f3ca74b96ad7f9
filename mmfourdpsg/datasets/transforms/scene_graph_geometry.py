"""Scene graphs after geometric transforms: moved boxes, tubes from masks."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import Box, MaskTube, Relation, SceneGraph

from ..present_ids import present_ids

UNKNOWN_SIZE = (1, 1)


def with_size(
    graph: SceneGraph,
    size: tuple[int, int],
    move_box: Callable[[Box], Box | None] | None = None,
    relations: Iterable[Relation] | None = None,
) -> SceneGraph:
    """Return a graph of frames of another size, without tubes.

    Args:
        graph: The graph.
        size: Height and width of its frames, in pixels.
        move_box: Old box to new one, or to None where it has left the image; None
            keeps all boxes.
        relations: Relations that replace the graph's own.
    """
    objects = []
    for item in graph.objects:
        boxes = item.boxes
        if boxes is not None and move_box is not None:
            moved = {frame: move_box(box) for frame, box in boxes.items()}
            boxes = {frame: box for frame, box in moved.items() if box is not None}
        objects.append(replace(item, boxes=boxes, tube=None))
    kept = graph.relations if relations is None else relations
    return SceneGraph(graph.video_id, *size, graph.num_frames, objects, kept)


def with_tubes(
    graph: SceneGraph, masks: Iterable[tuple[int, np.ndarray]], size: tuple[int, int]
) -> SceneGraph:
    """Return a graph whose objects have the tubes that id masks say.

    Args:
        graph: The graph.
        masks: Pairs of frame index and object ids ``[H, W]``, 0 = none.
        size: Height and width of the masks, in pixels.
    """
    rles: dict[int, dict] = {item.id: {} for item in graph.objects}
    for frame, ids in masks:
        shown = [object_id for object_id in present_ids(ids) if object_id != 0]
        # One frame at a time: dense masks of whole videos fill the memory. Column by
        # column, as the encoder wants them.
        columns = np.ascontiguousarray(ids.T)  # [W, H]
        binary = columns == np.array(shown, ids.dtype)[:, None, None]  # [n, W, H]
        encoded = coco_mask.encode(binary.view(np.uint8).transpose(2, 1, 0))
        for object_id, rle in zip(shown, encoded, strict=True):
            counts = rle['counts'].decode()
            rles[object_id][frame] = dict(size=list(size), counts=counts)
    objects = [
        replace(item, tube=MaskTube(*size, rles[item.id])) for item in graph.objects
    ]
    return SceneGraph(graph.video_id, *size, graph.num_frames, objects, graph.relations)
