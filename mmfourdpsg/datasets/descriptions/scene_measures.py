"""Where the objects of a scene are, how large and how far, in some of its frames."""

from dataclasses import dataclass

import numpy as np


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


def median(values: np.ndarray) -> np.ndarray:
    """Return the median along the first axis; numpy's own is slow for a few values."""
    ordered = np.sort(values, axis=0)
    last = len(values) - 1
    return (ordered[last // 2] + ordered[(last + 1) // 2]) / 2
