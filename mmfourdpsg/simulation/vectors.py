"""Products and lengths of short vectors that are the same on every processor.

BLAS adds in another order where a processor has AVX-512. Of what is simulated, a last
bit that differs becomes another video.
"""

import math
from collections.abc import Sequence

import numpy as np


def dot(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the inner product of two vectors, added in the order of their places.

    Args:
        first: ``[N]``.
        second: ``[N]``.

    Raises:
        ValueError: One is longer.
    """
    pairs = zip(np.asarray(first).tolist(), np.asarray(second).tolist(), strict=True)
    total = 0.0
    for one, other in pairs:
        total += one * other
    return total


def length(vector: Sequence[float]) -> float:
    """Return the Euclidean length of a vector ``[N]``, see :func:`dot`."""
    return math.sqrt(dot(vector, vector))
