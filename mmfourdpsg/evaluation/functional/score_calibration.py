"""Calibration of scores: how often predictions of a score are right."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import rankdata

from mmfourdpsg.structures import SceneGraph

from ..labels import LabelMatcher
from .object_matching import match_objects
from .relation_match import rank_relations
from .strict_matching import match_strict


class ScoredHits(NamedTuple):
    """Scores of ``n`` predictions, and whether they are right.

    Attributes:
        scores: In 0..1, float ``[n]``.
        hits: bool ``[n]``.
        missed: What the ground truth holds and nothing has found.
    """

    scores: np.ndarray
    hits: np.ndarray
    missed: int = 0

    def auc(self) -> float:
        """Return how likely a right prediction scores above a wrong one."""
        right = int(self.hits.sum())
        wrong = len(self.hits) - right
        if not right or not wrong:
            return math.nan
        ranks = rankdata(self.scores)[self.hits].sum()
        return float((ranks - right * (right + 1) / 2) / (right * wrong))

    def calibration_error(self, num_bins: int = 10) -> float:
        """Return the expected calibration error over bins of equal width."""
        if not len(self.scores):
            return math.nan
        bins = np.minimum((self.scores * num_bins).astype(int), num_bins - 1)
        gaps = np.bincount(bins, self.scores - self.hits, num_bins)
        return float(np.abs(gaps).sum() / len(self.scores))

    def best_threshold(self) -> tuple[float, float]:
        """Return the least score of what to show for the best F1, and that F1."""
        order = np.argsort(-self.scores, kind='stable')
        right = np.cumsum(self.hits[order])
        wanted = int(self.hits.sum()) + self.missed
        if not wanted or not len(order):
            return 0.0, 0.0
        f1 = 2 * right / (np.arange(len(order)) + 1 + wanted)
        # A threshold does not come between equal scores.
        ranked = self.scores[order]
        f1[:-1][ranked[:-1] == ranked[1:]] = -1
        best = int(f1.argmax())
        return float(self.scores[order][best]), float(f1[best])

    def calibrated(self, slope: float, offset: float) -> 'ScoredHits':
        """Return the same with ``sigmoid(slope * logit(score) + offset)``."""
        return self._replace(scores=expit(slope * _logits(self.scores) + offset))

    def uncalibrated(self, slope: float, offset: float) -> 'ScoredHits':
        """Return the same with the scores that :meth:`calibrated` made these of."""
        return self.calibrated(1 / slope, -offset / slope)

    @classmethod
    def join(cls, parts: Iterable['ScoredHits']) -> 'ScoredHits':
        """Return the predictions of several parts of a data set, at least one."""
        scores, hits, missed = zip(*parts, strict=True)
        return cls(np.concatenate(scores), np.concatenate(hits), sum(missed))


def object_hits(
    pairs: Iterable[tuple[SceneGraph, SceneGraph | None]],
    labels: LabelMatcher | None = None,
) -> ScoredHits:
    """Return which predicted objects have name and tube of one of the ground truth.

    Args:
        pairs: Ground truth and prediction of each video, as of :func:`pair_videos`.
        labels: When labels count as equal, as of :func:`match_objects`.
    """
    scores, hits, missed = [], [], 0
    for wanted, found in pairs:
        ranks = match_objects(wanted, found, labels=labels).values()
        missed += sum(rank is None for rank in ranks)
        if found is not None:
            ranked = sorted((item.score or 0.0 for item in found.objects), reverse=True)
            scores += ranked
            found_ranks = set(ranks)
            hits += [rank in found_ranks for rank in range(len(ranked))]
    return ScoredHits(np.array(scores, float), np.array(hits, bool), missed)


def relation_hits(
    pairs: Iterable[tuple[SceneGraph, SceneGraph | None]],
    labels: LabelMatcher | None = None,
) -> ScoredHits:
    """Return which predicted relations are hits of the strict protocol.

    Args:
        pairs: Ground truth and prediction of each video, as of :func:`pair_videos`.
        labels: When labels count as equal, as of :func:`match_strict`.
    """
    scores, hits, missed = [], [], 0
    for wanted, found in pairs:
        ranks = match_strict(wanted, found, labels=labels).ranks
        missed += sum(rank is None for rank in ranks)
        if found is not None:
            ranked = [row.score or 0.0 for row in rank_relations(found)]
            scores += ranked
            found_ranks = set(ranks)
            hits += [rank in found_ranks for rank in range(len(ranked))]
    return ScoredHits(np.array(scores, float), np.array(hits, bool), missed)


def fit_calibration(found: ScoredHits) -> tuple[float, float]:
    """Return slope and offset of Platt scaling, by maximum likelihood.

    Targets are smoothed as in Platt (1999), so that a set in which all are right or all
    are wrong has finite ones, too.

    Args:
        found: Scores and hits; none of the scores is calibrated yet.

    Returns:
        A positive slope and an offset.
    """
    right = int(found.hits.sum())
    wrong = len(found.hits) - right
    targets = np.where(found.hits, (right + 1) / (right + 2), 1 / (wrong + 2))
    logits = _logits(found.scores)

    def loss(values: Sequence[float]) -> float:
        scaled = math.exp(values[0]) * logits + values[1]
        return float((np.logaddexp(0, scaled) - targets * scaled).sum())

    best = minimize(loss, (0.0, 0.0), method='Nelder-Mead').x
    return math.exp(best[0]), float(best[1])


def cross_calibrate(parts: Sequence[ScoredHits]) -> ScoredHits:
    """Return all parts, each calibrated by what is fitted on the others.

    So no prediction is calibrated by itself, where there are no other videos to fit on.

    Args:
        parts: Of videos that do not recur in another part, at least two.
    """
    return ScoredHits.join(
        part.calibrated(
            *fit_calibration(ScoredHits.join([*parts[:place], *parts[place + 1 :]]))
        )
        for place, part in enumerate(parts)
    )


def _logits(scores: np.ndarray) -> np.ndarray:
    return logit(np.clip(scores, 1e-12, 1 - 1e-12))
