"""Recalls, and differences between two rows, with bootstrap intervals over videos."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .video_hits import VideoHits

RESAMPLES = 10_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """How much one row is above another, in points of percent.

    Attributes:
        value: The difference.
        low: Lower end of its interval.
        high: Upper end.
        error: Standard error.
    """

    value: float
    low: float
    high: float
    error: float

    def __str__(self) -> str:
        return f'{self.value:+.1f} [{self.low:+.1f}, {self.high:+.1f}]'


@dataclass(frozen=True)
class Interval:
    """Where a metric of a row lies, in percent.

    Attributes:
        low: Lower end.
        high: Upper end.
    """

    low: float
    high: float

    def __str__(self) -> str:
        return f'[{self.low:.1f}, {self.high:.1f}]'


def recall(found: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return R@K in percent ``[...]`` of hits and relations ``[..., P]``."""
    return 100 * found.sum(-1) / np.maximum(total.sum(-1), 1)


def mean_recall(found: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return mR@K in percent ``[...]``, over predicates that there are."""
    there = total > 0
    shares = np.divide(found, total, out=np.zeros_like(found), where=there)
    return 100 * shares.sum(-1) / np.maximum(there.sum(-1), 1)


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    'R@20': recall,
    'mR@20': mean_recall,
}


def paired_difference(
    row: VideoHits, reference: VideoHits, metric: str = 'R@20', seed: int = 0
) -> Difference:
    """Return how far a row is above a reference, with a 95 % interval.

    Videos are resampled with replacement, the same for both rows, and each time the
    metric is counted anew as over a data set: R@K over all their relations, mR@K over
    the predicates that they have, by their sums. Of several seeds of a row the metric
    is averaged. The interval is between percentiles of the differences (Efron): it says
    what other videos would change, and not what other seeds would.

    Args:
        row: A row's hits.
        reference: Those of the row that it is compared with, of the same relations.
        metric: One of :data:`METRICS`.
        seed: Of the resamples.
    """
    weights = _resamples(len(row.videos), seed)  # [B, V]
    once = np.ones((1, len(row.videos)))
    value = _scores(once, row, metric) - _scores(once, reference, metric)
    values = _scores(weights, row, metric) - _scores(weights, reference, metric)
    return Difference(float(value[0]), *_ends(values), float(values.std(ddof=1)))


def recall_interval(row: VideoHits, metric: str = 'R@20', seed: int = 0) -> Interval:
    """Return the 95 % interval of a row's metric over other videos.

    Args:
        row: The row's hits, resampled as of :func:`paired_difference`.
        metric: One of :data:`METRICS`.
        seed: Of the resamples.
    """
    weights = _resamples(len(row.videos), seed)  # [B, V]
    return Interval(*_ends(_scores(weights, row, metric)))


def _scores(times: np.ndarray, hits: VideoHits, metric: str) -> np.ndarray:
    """Return a metric ``[B]`` where each video counts so many times ``[B, V]``."""
    total = times @ hits.total  # [B, P]
    score = METRICS[metric]
    return np.mean([score(times @ found, total) for found in hits.found], axis=0)


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of the interval of resampled values ``[B]``."""
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def _resamples(count: int, seed: int) -> np.ndarray:
    """Return how often each of some videos is in each resample ``[B, V]``."""
    generator = np.random.default_rng(seed)
    chances = np.full(count, 1 / count)
    return generator.multinomial(count, chances, size=RESAMPLES).astype(float)
