"""What geometric transforms do to a scene graph."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph
from mmfourdpsg.structures.scene_object import Box

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
        move_box: Old box to new one, or to None where it has left the picture; None
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
    binary: Mapping[int, dict] = {item.id: {} for item in graph.objects}
    for frame, ids in masks:
        for object_id in np.unique(ids):
            if object_id != 0:
                # One frame at a time: dense masks of whole videos fill the memory.
                tube = MaskTube.from_masks({frame: ids == object_id}, *size)
                binary[int(object_id)].update(tube.rles)
    objects = [
        replace(item, tube=MaskTube(*size, binary[item.id])) for item in graph.objects
    ]
    return SceneGraph(graph.video_id, *size, graph.num_frames, objects, graph.relations)
