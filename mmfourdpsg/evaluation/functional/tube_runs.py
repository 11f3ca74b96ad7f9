"""A mask tube as runs of pixels, for overlaps within any span."""

from functools import cached_property

import numpy as np
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube, Span


class TubeRuns:
    """The runs of a tube, read once, from which any overlap is a few look-ups.

    A pixel's place is ``i * H * W``, where ``i`` counts the tube's frames, plus its
    place in the frame, column by column. Runs are read only when boxes and areas leave
    a question open.

    Shapes: ``n`` frames of the tube, ``r`` runs.

    Args:
        tube: The tube.

    Attributes:
        frames: Frames that have a mask ``[n]``, ascending.
        areas: Pixels of each ``[n]``.
        boxes: Corners ``[n, 4]`` of each: left, top, right, bottom in pixels.
    """

    def __init__(self, tube: MaskTube) -> None:
        self.size = tube.height * tube.width
        self.frames = np.array(tube.frames, dtype=np.int64)
        self._rles = [tube.rles[frame] for frame in tube.frames]
        self.areas = np.array(
            [coco_mask.area(rle) for rle in self._rles], dtype=np.int64
        )
        boxes = np.array([coco_mask.toBbox(rle) for rle in self._rles]).reshape(-1, 4)
        self.boxes = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)

    @property
    def whole(self) -> Span:
        """A span of all frames."""
        return [(int(self.frames[0]), int(self.frames[-1]))]

    def within(self, span: Span) -> np.ndarray:
        """Return which of the frames are in a span, bool ``[n]``."""
        inside = np.zeros(len(self.frames), bool)
        for start, end in span:
            first, last = np.searchsorted(self.frames, [start, end + 1])
            inside[first:last] = True
        return inside

    @cached_property
    def runs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First places ``[r]``, places behind the last ``[r]`` and frames ``i``."""
        lengths, counts = read_runs([_text(rle) for rle in self._rles])
        # Every frame's lengths add up to H * W, so one sum goes through all of them.
        edges = np.cumsum(lengths)
        owner = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(lengths)) - (np.cumsum(counts) - counts)[owner]
        # Runs alternate from background on.
        inked = np.flatnonzero(place % 2)
        ends = edges[inked]
        return ends - lengths[inked], ends, owner[inked]

    @cached_property
    def _covered(self) -> np.ndarray:
        starts, ends, _ = self.runs
        return np.concatenate([[0], np.cumsum(ends - starts)])

    def covered_before(self, places: np.ndarray) -> np.ndarray:
        """Return how many of the tube's pixels lie before each place ``[k]``."""
        starts, ends, _ = self.runs
        index = np.searchsorted(starts, places, side='right')
        covered = self._covered[index]
        # The last run that has begun may not have ended.
        last = np.maximum(index - 1, 0)
        return covered - np.where(index > 0, np.maximum(ends[last] - places, 0), 0)


def runs_iou(
    first: TubeRuns, span: Span, second: TubeRuns, other: Span, threshold: float = 0.0
) -> float:
    """Return the volume IoU of two tubes, each restricted to a span.

    Args:
        first: A tube.
        span: What it is restricted to.
        second: Another of the same height and width.
        other: What that is restricted to.
        threshold: Below it any number below it may be returned: boxes and areas bound
            the IoU from above, and often that is enough to know.
    """
    inside = first.within(span), second.within(other)
    total = int(first.areas[inside[0]].sum() + second.areas[inside[1]].sum())
    rows, columns = (
        np.flatnonzero(chosen & np.isin(runs.frames, partner.frames[other_chosen]))
        for runs, chosen, partner, other_chosen in (
            (first, inside[0], second, inside[1]),
            (second, inside[1], first, inside[0]),
        )
    )
    if total == 0 or len(rows) == 0:
        return 0.0
    most = int(_most_overlap(first, rows, second, columns).sum())
    bound = most / (total - most) if total > most else 1.0
    if bound < threshold or most == 0:
        return bound
    starts, ends, owner = second.runs
    chosen = np.zeros(len(second.frames), bool)
    # What takes a place of the second tube to the same pixel's place of the first.
    shift = np.zeros(len(second.frames), np.int64)
    chosen[columns], shift[columns] = True, (rows - columns) * first.size
    runs = np.flatnonzero(chosen[owner])
    shift = shift[owner[runs]]
    overlap = first.covered_before(ends[runs] + shift)
    overlap -= first.covered_before(starts[runs] + shift)
    intersection = int(overlap.sum())
    return intersection / (total - intersection)


def _most_overlap(
    first: TubeRuns, rows: np.ndarray, second: TubeRuns, columns: np.ndarray
) -> np.ndarray:
    """Return a bound of the intersection in each common frame ``[k]``, in pixels."""
    a, b = first.boxes[rows], second.boxes[columns]
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    shared = np.maximum(sides, 0).prod(axis=1)
    return np.minimum(shared, np.minimum(first.areas[rows], second.areas[columns]))


def read_runs(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Read many of COCO's compressed counts at once.

    They have been checked before; see
    :func:`mmfourdpsg.structures.mask_tube.decode_rle_counts` for the code.

    Args:
        texts: ``n`` encodings.

    Returns:
        The run lengths of all of them, one after the other, and how many there are of
        each ``[n]``.
    """
    codes = np.frombuffer(''.join(texts).encode('ascii'), np.uint8).astype(np.int64)
    codes -= 48
    ends = np.flatnonzero((codes & 0x20) == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])[: len(ends)]
    width = ends - starts + 1
    bits = 5 * (np.arange(codes.size) - np.repeat(starts, width))
    values = (
        np.add.reduceat((codes & 0x1F) << bits, starts) if len(ends) else codes.copy()
    )
    values -= np.where(codes[ends] & 0x10, np.int64(1) << (5 * width), 0)
    behind = np.cumsum([len(text) for text in texts])
    last = np.searchsorted(ends, behind)
    first = np.concatenate([[0], last[:-1]])[: len(texts)]
    place = np.arange(len(values)) - np.repeat(first, last - first)
    # Undo the differences: in each text two interleaved running sums, from the second
    # and the third number on.
    for parity in (0, 1):
        chain = np.flatnonzero((place % 2 == parity) & (place > 0))
        sums = np.cumsum(values[chain])
        begins = place[chain] < 3
        before = sums[begins] - values[chain][begins]
        values[chain] = sums - before[np.cumsum(begins) - 1]
    return values, last - first


def _text(rle: dict) -> str:
    counts = rle['counts']
    return counts.decode() if isinstance(counts, bytes) else counts
