"""Where the objects of a scene are, how large and how far, in some of its frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import SceneGraph, SceneObject

# Depths are told apart in steps of 3 percent, from 5 cm to 160 m.
_BINS = 256
_LOG_NEAREST, _LOG_FARTHEST = np.log(0.05), np.log(160.0)
# Neighbours of a cell in the grid, down and to the right; across a gap of one cell, an
# edge's blur, masks still adjoin.
_NEIGHBOURS = ((0, 1), (1, 0), (0, 2), (2, 0))


@dataclass
class SceneMeasures:
    """Measures of ``N`` objects in ``T`` frames; lengths in diagonals of the image.

    Attributes:
        frames: Original indices of the frames ``[T]``, ascending.
        size: Height and width of the image, in diagonals.
        present: Whether an object is seen in a frame ``[N, T]``.
        shares: Share of the image that it covers ``[N, T]``.
        centres: Its centroid, x and y ``[N, T, 2]``.
        boxes: Its box ``(x1, y1, x2, y2)`` ``[N, T, 4]``.
        depths: Logarithm of its median depth in metres ``[N, T]``, NaN where unknown.
        scene_depths: The same of all that is seen ``[T]``.
        adjoins: Whether masks of two objects adjoin ``[N, N, T]``.
        touches: Whether they do at the same depth ``[N, N, T]``.
        outlines: Which share of the first's outline the second has ``[N, N, T]``.
        has_masks: Whether an object's measures are of masks, not boxes ``[N]``.
    """

    frames: np.ndarray
    size: tuple[float, float]
    present: np.ndarray
    shares: np.ndarray
    centres: np.ndarray
    boxes: np.ndarray
    depths: np.ndarray
    scene_depths: np.ndarray
    adjoins: np.ndarray
    touches: np.ndarray
    outlines: np.ndarray
    has_masks: np.ndarray

    def moved(self, number: int, start: int, ends: np.ndarray) -> np.ndarray:
        """Return how far an object moves in the image from one frame to others.

        What hides a part of it moves its centroid, and what enters the image grows at
        its edge. So a side counts only where it is not at the edge of the image, and
        of two sides the one that moves less; if they move apart, neither does.

        Args:
            number: The object's place.
            start: Place of the frame from which it moves.
            ends: Places of the frames to which ``[S]``.

        Returns:
            np.ndarray: Way along x and y, in diagonals ``[S, 2]``.
        """
        edges = np.array([self.size[1], self.size[0]]) - 1e-6
        before, after = self.boxes[number, start], self.boxes[number, ends]
        free = np.concatenate(
            [
                (before[:2] > 0) & (after[:, :2] > 0),
                (before[2:] < edges) & (after[:, 2:] < edges),
            ],
            axis=1,
        )  # [S, 4]
        ways = after - before
        low, high = ways[:, :2], ways[:, 2:]
        both = np.where(abs(low) < abs(high), low, high) * (low * high > 0)
        one = np.where(free[:, :2], low, np.where(free[:, 2:], high, 0))
        return np.where(free[:, :2] & free[:, 2:], both, one)


def measure_scene(
    graph: SceneGraph,
    frames: Sequence[int] | None = None,
    panoptic_ids: np.ndarray | None = None,
    depth: np.ndarray | None = None,
    max_rows: int = 72,
    max_frames: int = 8,
    same_depth: float = 0.03,
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
            near = _log_depth(_resampled(depth, slots.shape[1:]))
        _measure_masks(measures, slots, near, np.log1p(same_depth))
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


def _resampled(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return ``[T, h, w]`` of ``[T, H, W]`` by the pixels at the cells' centres."""
    if array.shape[1:] == size:
        return array
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip(size, array.shape[1:], strict=True)
    )
    return array[:, rows[:, None], columns]


def _grid(ids: np.ndarray, rows: int) -> np.ndarray:
    height, width = ids.shape[1:]
    return _resampled(ids, (rows, max(1, round(width * rows / height))))


def _slots(ids: np.ndarray, object_ids: Sequence[int]) -> np.ndarray:
    """Return each cell's place among the objects, ``N`` where there is none."""
    if max(object_ids) < 1 << 16 and min(object_ids) >= 0:
        table = np.full((1 << 16) + 1, len(object_ids))
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
                    slots = np.full(shape, len(graph.objects), np.int64)
                mask = item.tube.decode(frame)[None]
                slots[t][_resampled(mask, (rows, columns))[0]] = number
    return slots


def _log_depth(depth: np.ndarray) -> np.ndarray:
    with np.errstate(divide='ignore', invalid='ignore'):
        return np.where(depth > 0, np.log(depth), np.nan)


def _measure_masks(
    measures: SceneMeasures,
    slots: np.ndarray,
    near: np.ndarray | None,
    same_depth: float,
) -> None:
    """Fill in what masks tell.

    Args:
        measures: Takes the measures.
        slots: Place of each cell's object ``[T, h, w]``, ``N`` = none.
        near: Logarithms of depth ``[T, h, w]``, or None.
        same_depth: Up to which difference of logarithms two depths are the same.
    """
    n = len(measures.present)
    frames, height, width = slots.shape
    flat = slots + np.arange(frames)[:, None, None] * (n + 1)  # [T, h, w]

    def histogram(values: np.ndarray, bins: int) -> np.ndarray:
        counts = np.bincount(values.ravel(), minlength=frames * (n + 1) * bins)
        return counts.reshape(frames, n + 1, bins).transpose(
            1, 0, 2
        )  # [N + 1, T, bins]

    rows = histogram(flat * height + np.arange(height)[:, None], height)[:n]
    columns = histogram(flat * width + np.arange(width), width)[:n]
    cells = rows.sum(axis=2)  # [N, T]
    measures.present |= cells > 0
    measures.has_masks |= measures.present.any(axis=1)
    measures.shares[:] = cells / (height * width)
    for axis, counts in enumerate((columns, rows)):
        bins = counts.shape[2]
        unit = measures.size[1 - axis] / bins
        middle = counts @ (np.arange(bins) + 0.5) / cells.clip(min=1)
        measures.centres[..., axis] = middle * unit
        measures.boxes[..., axis] = (counts > 0).argmax(axis=2) * unit
        last = bins - (counts[..., ::-1] > 0).argmax(axis=2)
        measures.boxes[..., axis + 2] = last * unit
    if near is not None:
        scale = _BINS / (_LOG_FARTHEST - _LOG_NEAREST)
        known = np.isfinite(near)
        bins = (
            ((near[known] - _LOG_NEAREST) * scale).clip(0, _BINS - 1).astype(np.int64)
        )
        depths = histogram(flat[known] * _BINS + bins, _BINS)  # [N + 1, T, bins]
        measures.depths[:] = _median(depths[:n]) / scale + _LOG_NEAREST
        measures.scene_depths[:] = _median(depths.sum(axis=0)) / scale + _LOG_NEAREST
    _measure_contact(measures, slots, near, same_depth)


def _median(counts: np.ndarray) -> np.ndarray:
    """Return the median of histograms ``[..., bins]`` in bins, NaN where empty."""
    below = counts.cumsum(axis=-1)
    half = below[..., -1:] / 2
    place = (below >= half).argmax(axis=-1)[..., None]
    within = np.take_along_axis(counts, place, -1)
    over = np.take_along_axis(below, place, -1) - half
    with np.errstate(divide='ignore', invalid='ignore'):
        return (place + 1 - over / within)[..., 0]


def _measure_contact(
    measures: SceneMeasures,
    slots: np.ndarray,
    near: np.ndarray | None,
    same_depth: float,
) -> None:
    n = len(measures.present)
    frames, height, width = slots.shape
    sides = np.zeros(frames * (n + 1) ** 2, np.int64)
    for down, right in _NEIGHBOURS:
        here = np.s_[:, : height - down, : width - right]
        there = np.s_[:, down:, right:]
        a, b = slots[here], slots[there]
        t, y, x = np.nonzero(a != b)
        first, second = a[t, y, x], b[t, y, x]
        if down + right == 1:
            pairs = (t * (n + 1) + first) * (n + 1) + second
            sides += np.bincount(pairs, minlength=len(sides))
        kept = np.flatnonzero((first < n) & (second < n))
        t, y, x, first, second = (row[kept] for row in (t, y, x, first, second))
        measures.adjoins[first, second, t] = True
        if near is not None:
            same = abs(near[here][t, y, x] - near[there][t, y, x]) <= same_depth
            measures.touches[first[same], second[same], t[same]] = True
    measures.adjoins |= measures.adjoins.transpose(1, 0, 2)
    measures.touches |= measures.touches.transpose(1, 0, 2)
    counts = sides.reshape(frames, n + 1, n + 1).transpose(1, 2, 0)
    counts = counts + counts.transpose(1, 0, 2)
    whole = counts.sum(axis=1, keepdims=True).clip(min=1)
    measures.outlines[:] = (counts / whole)[:n, :n]


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
