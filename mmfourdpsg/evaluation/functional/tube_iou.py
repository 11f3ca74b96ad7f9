"""Volume IoU of mask tubes."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube, Span
from mmfourdpsg.structures.mask_tube import decode_rle_counts

# pycocotools reads the difference of two runs back by 32-bit shifts, six characters
# of five bits at most: one below -2**29 comes back as another number, and its IoU of
# two encodings of unequal length never returns. Runs of fewer pixels cannot differ so.
MAX_PIXELS = 2**29


def tube_iou(first: MaskTube | None, second: MaskTube | None) -> float:
    """Return the volume IoU of two tubes over all their frames.

    Works on the run-length encodings; nothing is decoded to pixels.

    Args:
        first: A tube; None counts as empty.
        second: Another of the same height and width.

    Returns:
        Intersection over union of the pixels of all frames, 0 when both are empty.

    Raises:
        ValueError: The tubes differ in height or width.
    """
    return float(tube_ious([first], [second])[0, 0])


def tube_ious(
    first: Sequence[MaskTube | None], second: Sequence[MaskTube | None]
) -> np.ndarray:
    """Return the volume IoU of each of some tubes with each of others.

    Args:
        first: ``N`` tubes; None counts as empty.
        second: ``M`` others, all of the same height and width.

    Returns:
        IoUs ``[N, M]``, float64; see :func:`tube_iou`.

    Raises:
        ValueError: Two tubes differ in height or width.
    """
    ious = np.zeros((len(first), len(second)))
    # Empty tubes overlap nothing and have no last frame.
    rows = [i for i, tube in enumerate(first) if tube]
    columns = [j for j, tube in enumerate(second) if tube]
    if not rows or not columns:
        return ious
    tubes = [first[i] for i in rows], [second[j] for j in columns]
    height, width = tubes[0][0].height, tubes[0][0].width
    for tube in (*tubes[0], *tubes[1]):
        if (tube.height, tube.width) != (height, width):
            raise ValueError(
                f'tubes are {height} x {width} and {tube.height} x {tube.width} '
                'pixels, expected the same size'
            )
    num_frames = 1 + max(tube.frames[-1] for tube in (*tubes[0], *tubes[1]))
    if can_stack(height, width, num_frames):
        wide = [[stack_frames(tube, num_frames) for tube in side] for side in tubes]
        found = coco_mask.iou(*wide, [False] * len(columns))
    else:
        found = [[_tube_iou_by_frame(a, b) for b in tubes[1]] for a in tubes[0]]
    ious[np.ix_(rows, columns)] = found
    return ious


def restrict_tube(tube: MaskTube | None, span: Span) -> MaskTube | None:
    """Return the tube with only the frames of ``span``; None stays None.

    The time it takes follows the tube's frames, not the length of the span, which in
    a prediction may be anything.
    """
    if tube is None:
        return None
    starts = [start for start, _ in span]
    frames = []
    for frame in tube.frames:
        index = bisect_right(starts, frame) - 1
        if index >= 0 and frame <= span[index][1]:
            frames.append(frame)
    return tube.select(frames)


def can_stack(height: int, width: int, num_frames: int) -> bool:
    """Return whether a volume is small enough for one run-length encoding."""
    return height * width * num_frames < MAX_PIXELS


def stack_frames(tube: MaskTube, num_frames: int) -> dict:
    """Put the frames of a tube side by side in one wide run-length encoding.

    Run lengths go column by column, so that frame ``f`` of a picture that is
    ``num_frames * W`` wide simply starts ``f * H * W`` pixels later.

    Args:
        tube: The tube; its frames are below ``num_frames``.
        num_frames: Frames of the volume; what :func:`can_stack` allows.

    Returns:
        The encoding, of size ``[H, num_frames * W]``.
    """
    size = tube.height * tube.width
    starts, ends = [], []
    for frame, rle in tube.rles.items():
        counts = rle['counts']
        text = counts.decode() if isinstance(counts, bytes) else counts
        edges = np.cumsum(decode_rle_counts(text), dtype=np.int64) + frame * size
        # Runs alternate from background on: edges are start, end, start, end ...
        starts.append(edges[: edges.size // 2 * 2 : 2])
        ends.append(edges[1::2])
    height_and_width = [tube.height, tube.width * num_frames]
    total = size * num_frames
    if starts:
        start, end = np.concatenate(starts), np.concatenate(ends)
        # A run up to a frame's last pixel and one from the next frame's first touch.
        apart = start[1:] > end[:-1]
        start = start[np.concatenate([[True], apart])]
        end = end[np.concatenate([apart, [True]])]
        edges = np.stack([start, end], axis=1).ravel()
    else:
        edges = np.zeros(0, dtype=np.int64)
    runs = np.diff(edges, prepend=0, append=total)
    if edges.size and edges[-1] == total:
        runs = runs[:-1]
    rle = dict(size=height_and_width, counts=runs.tolist())
    return coco_mask.frPyObjects(rle, *height_and_width)


def stacked_iou(first: dict, second: dict) -> float:
    """Return the IoU of two volumes of :func:`stack_frames`, 0 when both are empty."""
    return float(coco_mask.iou([first], [second], [False])[0, 0])


def _tube_iou_by_frame(first: MaskTube, second: MaskTube) -> float:
    # One encoding a call: with numpy 2, pycocotools.mask.area fails for lists of more
    # than 255.
    areas = [
        sum(int(coco_mask.area(rle)) for rle in tube.rles.values())
        for tube in (first, second)
    ]
    intersection = sum(
        int(coco_mask.area(coco_mask.merge([rle, second.rles[frame]], intersect=True)))
        for frame, rle in first.rles.items()
        if frame in second.rles
    )
    return intersection / (sum(areas) - intersection)
