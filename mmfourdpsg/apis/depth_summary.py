"""Whether depth is in the unit that it is taken for."""

from collections.abc import Iterable

import numpy as np

LIKELY_MEDIAN = (0.1, 20.0)
"""Metres between which the median of a scene that a camera sees lies."""


class DepthSummary:
    """Range and median of the depth of a recording.

    Args:
        frames: Depth maps, float32 ``[H, W]`` in metres, 0 = unknown.
        samples: Most pixels of a frame that the median is taken of, evenly spread.

    Attributes:
        lowest: Smallest known depth in metres; None where none is known.
        median: Median of the known depth.
        highest: Largest known depth.
    """

    def __init__(self, frames: Iterable[np.ndarray], samples: int = 4000) -> None:
        self.lowest = self.median = self.highest = None
        ends: list[np.floating] = []
        kept: list[np.ndarray] = []
        for depth in frames:
            known = depth[depth > 0]
            if known.size:
                ends = [min([*ends[:1], known.min()]), max([*ends[1:], known.max()])]
                # A copy, since a view would keep the whole map.
                kept.append(known[:: -(-known.size // samples)].copy())
        if ends:
            self.lowest, self.highest = map(float, ends)
            self.median = float(np.median(np.concatenate(kept)))

    def __str__(self) -> str:
        if self.median is None:
            return 'depth: unknown in every pixel'
        return (
            f'depth: {self.lowest:.4g} to {self.highest:.4g} m, '
            f'median {self.median:.4g} m'
        )

    @property
    def warning(self) -> str | None:
        """What is to be said of it; None where it is as usual."""
        if self.median is None:
            return 'no pixel has a depth; is 0 (unknown) all that the files hold?'
        low, high = LIKELY_MEDIAN
        if low <= self.median <= high:
            return None
        return (
            f'a median depth of {self.median:.4g} m is outside {low:g} to {high:g} m: '
            'is it in another unit? Usual depth scales: 1000 (millimetres), 1 '
            '(metres), 5000 (TUM RGB-D), 8000 (PNGs of SUN RGB-D, shifted by three '
            'bits), 256 (KITTI)'
        )
