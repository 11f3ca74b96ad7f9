"""A mask tube as runs of pixels, for overlaps within any span."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube, Span


class TubeRuns:
    """The runs of a tube, read once, from which any overlap is a few look-ups.

    A pixel's place is ``i * H * W``, where ``i`` counts the tube's frames, plus its
    place in the frame, column by column. Boxes are read only when areas leave a
    question open, and runs only when boxes do too.

    Shapes: ``n`` frames of the tube, ``r`` runs.

    Args:
        tube: The tube.

    Attributes:
        frames: Frames that have a mask ``[n]``, ascending.
        areas: Pixels of each ``[n]``.
    """

    def __init__(self, tube: MaskTube) -> None:
        self.size = tube.height * tube.width
        self.frames = np.array(tube.frames, dtype=np.int64)
        self._rles = [tube.rles[frame] for frame in tube.frames]
        self.areas = _areas(self._rles)

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
    def boxes(self) -> np.ndarray:
        """Corners ``[n, 4]`` of each mask: left, top, right, bottom in pixels."""
        boxes = np.array(coco_mask.toBbox(self._rles)).reshape(-1, 4)
        return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)

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
    for most in _bounds(first, rows, second, columns):
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


def _bounds(
    first: TubeRuns, rows: np.ndarray, second: TubeRuns, columns: np.ndarray
) -> Iterator[int]:
    """Yield bounds of the intersection in the common frames, in pixels.

    The first takes areas alone, the second boxes too, which cost more to read.
    """
    least = np.minimum(first.areas[rows], second.areas[columns])
    yield int(least.sum())
    a, b = first.boxes[rows], second.boxes[columns]
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    yield int(np.minimum(np.maximum(sides, 0).prod(axis=1), least).sum())


def _areas(rles: list[dict]) -> np.ndarray:
    # pycocotools counts the masks of a call in 8 bits.
    parts = [coco_mask.area(rles[i : i + 255]) for i in range(0, len(rles), 255)]
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


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
