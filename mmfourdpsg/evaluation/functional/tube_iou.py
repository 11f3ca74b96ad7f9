"""Volume IoU of mask tubes."""

from collections.abc import Sequence

import numpy as np

from mmfourdpsg.structures import MaskTube

from .tube_runs import TubeRuns, runs_iou


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
    sizes = {(tube.height, tube.width) for tube in (*first, *second) if tube}
    if len(sizes) > 1:
        (height, width), (other_height, other_width) = sorted(sizes)[:2]
        raise ValueError(
            f'tubes are {height} x {width} and {other_height} x {other_width} pixels, '
            'expected the same size'
        )
    rows, columns = (
        {place: TubeRuns(tube) for place, tube in enumerate(side) if tube}
        for side in (first, second)
    )
    for i, row in rows.items():
        for j, column in columns.items():
            ious[i, j] = runs_iou(row, row.whole, column, column.whole)
    return ious
