"""From what a pipeline holds of a scene to its measures."""

from collections.abc import Mapping, Sequence

import numpy as np

from mmfourdpsg.structures import SceneGraph, SceneObject

from .mask_measures import log_depth, measure_masks, resampled
from .scene_measures import SceneMeasures


def measure_scene(
    graph: SceneGraph,
    frames: Sequence[int] | None = None,
    panoptic_ids: np.ndarray | None = None,
    depth: np.ndarray | None = None,
    max_rows: int = 48,
    max_frames: int = 8,
    same_depth: float = 0.05,
) -> SceneMeasures:
    """Measure the objects of a graph.

    By the masks that are loaded, else the graph's tubes; an object that no mask shows,
    by its boxes.

    Args:
        graph: The graph.
        frames: Original indices of the frames ``[T]`` to look at; None takes some of
            those in which an object has a mask or a box.
        panoptic_ids: Object ids of these frames ``[T, H, W]``, 0 = none.
        depth: Their depth in metres ``[T, h, w]``, 0 = unknown.
        max_rows: Rows of the grid that masks and depth are looked at in.
        max_frames: How many frames are taken where none are given.
        same_depth: Up to which share of it two depths are the same.
    """
    if frames is None:
        frames = _shown_frames(graph, max_frames)
        panoptic_ids = depth = None
    measures = _nothing(graph, frames)
    if not len(frames) or not graph.objects:
        return measures
    rows = min(
        max_rows, graph.height if panoptic_ids is None else panoptic_ids.shape[1]
    )
    if panoptic_ids is not None:
        grid = _grid(panoptic_ids, rows)
        slots = _slots(grid, [item.id for item in graph.objects])
    else:
        slots = _tube_slots(graph, frames, rows)
    if slots is not None:
        near = None
        if depth is not None and len(depth) == len(frames) and depth.any():
            near = log_depth(resampled(depth, slots.shape[1:]))
        measure_masks(measures, slots, near, np.log1p(same_depth))
    _measure_boxes(measures, graph)
    return measures


def _shown_frames(graph: SceneGraph, max_frames: int) -> list[int]:
    shown = sorted(
        {
            frame
            for item in graph.objects
            for frames in (item.boxes or (), item.tube.rles if item.tube else ())
            for frame in frames
        }
    )
    if len(shown) <= max_frames:
        return shown
    return [
        shown[i] for i in np.linspace(0, len(shown) - 1, max_frames).round().astype(int)
    ]


def _nothing(graph: SceneGraph, frames: Sequence[int]) -> SceneMeasures:
    n, t = len(graph.objects), len(frames)
    diagonal = float(np.hypot(graph.height, graph.width))
    return SceneMeasures(
        frames=np.asarray(frames, np.int64),
        size=(graph.height / diagonal, graph.width / diagonal),
        present=np.zeros((n, t), bool),
        shares=np.zeros((n, t)),
        centres=np.zeros((n, t, 2)),
        boxes=np.zeros((n, t, 4)),
        depths=np.full((n, t), np.nan),
        scene_depths=np.full(t, np.nan),
        adjoins=np.zeros((n, n, t), bool),
        touches=np.zeros((n, n, t), bool),
        outlines=np.zeros((n, n, t)),
        has_masks=np.zeros(n, bool),
    )


def _grid(ids: np.ndarray, rows: int) -> np.ndarray:
    height, width = ids.shape[1:]
    return resampled(ids, (rows, max(1, round(width * rows / height))))


def _slots(ids: np.ndarray, object_ids: Sequence[int]) -> np.ndarray:
    """Return each cell's place among the objects, ``N`` where there is none."""
    if max(object_ids) < 1 << 16 and min(object_ids) >= 0:
        table = np.full((1 << 16) + 1, len(object_ids), np.int32)
        table[list(object_ids)] = np.arange(len(object_ids))
        table[0] = len(object_ids)
        return table[ids.clip(0, 1 << 16)]
    order = np.argsort(object_ids)
    known = np.asarray(object_ids)[order]
    places = np.searchsorted(known, ids).clip(max=len(known) - 1)
    return np.where(known[places] == ids, order[places], len(known))


def _tube_slots(
    graph: SceneGraph, frames: Sequence[int], rows: int
) -> np.ndarray | None:
    columns = max(1, round(graph.width * rows / graph.height))
    slots = None
    for number, item in enumerate(graph.objects):
        for t, frame in enumerate(frames):
            if item.tube is not None and frame in item.tube.rles:
                if slots is None:
                    shape = (len(frames), rows, columns)
                    slots = np.full(shape, len(graph.objects), np.int32)
                mask = item.tube.decode(frame)[None]
                slots[t][resampled(mask, (rows, columns))[0]] = number
    return slots


def _measure_boxes(measures: SceneMeasures, graph: SceneGraph) -> None:
    """Fill in what boxes tell of objects that no mask shows."""
    height, width = measures.size
    diagonal = np.hypot(graph.height, graph.width)
    numbers = {int(frame): t for t, frame in enumerate(measures.frames)}
    for number, item in enumerate(graph.objects):
        if measures.has_masks[number]:
            continue
        for t, box in _boxes_at(item, numbers).items():
            x1, y1, x2, y2 = (value / diagonal for value in box)
            measures.present[number, t] = True
            measures.boxes[number, t] = x1, y1, x2, y2
            measures.centres[number, t] = (x1 + x2) / 2, (y1 + y2) / 2
            measures.shares[number, t] = (x2 - x1) * (y2 - y1) / (height * width)


def _boxes_at(item: SceneObject, numbers: Mapping[int, int]) -> dict[int, tuple]:
    boxes = item.boxes or {}
    return {numbers[frame]: box for frame, box in boxes.items() if frame in numbers}
