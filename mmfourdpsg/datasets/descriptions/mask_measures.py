"""Measures of objects from masks and depth."""

import numpy as np

from .scene_measures import SceneMeasures

# Depths are told apart in steps of 3 percent, from 5 cm to 160 m.
_BINS = 256
_LOG_NEAREST, _LOG_FARTHEST = np.log(0.05), np.log(160.0)
# Neighbours of a cell in the grid, down and to the right.
_NEIGHBOURS = ((0, 1), (1, 0))


def resampled(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return ``[T, h, w]`` of ``[T, H, W]`` by the pixels at the cells' centres."""
    if array.shape[1:] == size:
        return array
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip(size, array.shape[1:], strict=True)
    )
    return array[:, rows[:, None], columns]


def log_depth(depth: np.ndarray) -> np.ndarray:
    """Return logarithms of depth in metres, NaN where it is unknown, that is 0."""
    with np.errstate(divide='ignore', invalid='ignore'):
        return np.where(depth > 0, np.log(depth), np.nan)


def measure_masks(
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
    t, y, x = (np.arange(size, dtype=np.int32) for size in slots.shape)
    flat = slots + t[:, None, None] * (n + 1)  # [T, h, w]

    def histogram(values: np.ndarray, bins: int) -> np.ndarray:
        counts = np.bincount(values.ravel(), minlength=frames * (n + 1) * bins)
        counts = counts.reshape(frames, n + 1, bins)
        return counts.transpose(1, 0, 2)  # [N + 1, T, bins]

    rows = histogram(flat * height + y[:, None], height)[:n]
    columns = histogram(flat * width + x, width)[:n]
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
    # What is beyond an edge has a place of its own, so that in one row of all cells
    # no neighbour is of another frame.
    edges = ((0, 0), (0, 1), (0, 1))
    cells = np.pad(slots, edges, constant_values=n + 1).ravel()
    if near is not None:
        near = np.pad(near, edges, constant_values=np.nan).ravel()
    sides = np.zeros(frames * (n + 2) ** 2, np.int64)
    for down, right in _NEIGHBOURS:
        step = down * (width + 1) + right
        here = np.flatnonzero(cells[:-step] != cells[step:])
        a, b, t = cells[here], cells[here + step], here // ((height + 1) * (width + 1))
        pairs = (t * (n + 2) + a) * (n + 2) + b
        sides += np.bincount(pairs, minlength=len(sides))
        kept = np.maximum(a, b) < n
        here, a, b, t = here[kept], a[kept], b[kept], t[kept]
        measures.adjoins[a, b, t] = True
        if near is not None:
            same = abs(near[here] - near[here + step]) <= same_depth
            measures.touches[a[same], b[same], t[same]] = True
    measures.adjoins |= measures.adjoins.transpose(1, 0, 2)
    measures.touches |= measures.touches.transpose(1, 0, 2)
    counts = sides.reshape(frames, n + 2, n + 2).transpose(1, 2, 0)
    counts = (counts + counts.transpose(1, 0, 2))[: n + 1, : n + 1]
    whole = counts.sum(axis=1, keepdims=True).clip(min=1)
    measures.outlines[:] = (counts / whole)[:n, :n]
