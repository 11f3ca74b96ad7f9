"""A mask tube as runs of pixels, for overlaps within any span."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube, Span
from mmfourdpsg.structures.mask_tube import rle_counts


class TubeRuns:
    """The runs of a tube, read once, from which any overlap is a few look-ups.

    A pixel's place is ``i * H * W``, where ``i`` counts the tube's frames, plus its
    place in the frame, column by column. Areas are read of the frames that are asked
    for; boxes only when areas leave a question open, and runs only when boxes do too.

    Shapes: ``n`` frames of the tube, ``r`` runs.

    Args:
        tube: The tube.

    Attributes:
        frames: Frames that have a mask ``[n]``, ascending.
    """

    def __init__(self, tube: MaskTube) -> None:
        self.size = tube.height * tube.width
        self.frames = np.fromiter(tube.rles, np.int64, len(tube))
        self._rles = list(tube.rles.values())
        self._areas = np.full(len(self._rles), -1, np.int64)

    @property
    def whole(self) -> Span:
        """A span of all frames."""
        return [(int(self.frames[0]), int(self.frames[-1]))]

    def within(self, span: Span) -> np.ndarray:
        """Return which frames are in a span, as ascending places in ``frames``."""
        edges = np.searchsorted(self.frames, np.asarray(span) + [0, 1])
        return np.concatenate([np.arange(first, last) for first, last in edges])

    def areas(self, places: np.ndarray) -> np.ndarray:
        """Return the pixels of the masks at some places in ``frames``."""
        new = places[self._areas[places] < 0]
        # pycocotools counts the masks of a call in 8 bits.
        for i in range(0, len(new), 255):
            part = new[i : i + 255]
            self._areas[part] = coco_mask.area([self._rles[place] for place in part])
        return self._areas[places]

    def boxes(self, places: np.ndarray) -> np.ndarray:
        """Return corners of the masks at some places in ``frames``, ``[k, 4]``.

        Left, top, right, bottom in pixels.
        """
        rles = [self._rles[place] for place in places]
        boxes = np.array(coco_mask.toBbox(rles)).reshape(-1, 4)
        return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)

    @cached_property
    def runs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First places ``[r]``, places behind the last ``[r]`` and frames ``i``."""
        lengths, counts = read_runs([rle_counts(rle) for rle in self._rles])
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
    chosen = first.within(span), second.within(other)
    rows, columns = _common(first.frames[chosen[0]], second.frames[chosen[1]], *chosen)
    if len(rows) == 0:
        return 0.0
    total = int(first.areas(chosen[0]).sum() + second.areas(chosen[1]).sum())
    if total == 0:
        return 0.0
    for most in _bounds(first, rows, second, columns):
        bound = most / (total - most) if total > most else 1.0
        if bound < threshold or most == 0:
            return bound
    starts, ends, owner = second.runs
    common = np.zeros(len(second.frames), bool)
    # What takes a place of the second tube to the same pixel's place of the first.
    shift = np.zeros(len(second.frames), np.int64)
    common[columns], shift[columns] = True, (rows - columns) * first.size
    runs = np.flatnonzero(common[owner])
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
    least = np.minimum(first.areas(rows), second.areas(columns))
    yield int(least.sum())
    a, b = first.boxes(rows), second.boxes(columns)
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])
    yield int(np.minimum(np.maximum(sides, 0).prod(axis=1), least).sum())


def _common(
    first: np.ndarray, second: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the frames that two ascending lists share."""
    place = np.searchsorted(second, first)
    shared = np.flatnonzero(place < len(second))
    shared = shared[second[place[shared]] == first[shared]]
    return rows[shared], columns[place[shared]]


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
