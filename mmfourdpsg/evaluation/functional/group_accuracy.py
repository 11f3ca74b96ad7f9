"""Accuracy of labels by group, on tubes that are matched."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmfourdpsg.structures import SceneGraph

from ..labels import ExactLabelMatcher, LabelMatcher
from .evaluate import pair_videos
from .group_recall import SEEN, FrequencyGroups, LabelCounts
from .relation_match import check_same_size, rank_relations
from .tube_iou import tube_ious


def group_accuracy(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    counts: LabelCounts,
    groups: FrequencyGroups = SEEN,
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> dict[str, dict[str, tuple[float, int]]]:
    """Return how often what is segmented is named right, by groups of labels.

    The paper's Table 8 ("recognition") is this or nothing known: it has 98.78 % of
    objects where its Table 4 finds 78.35 %.

    Tubes are matched whatever their categories, one-to-one, so that the sum of the IoUs
    that reach the threshold is greatest. A matched object is recognised when its
    prediction has its category. A relation counts when both its ends are matched and
    the prediction relates these two in this order at all; it is recognised when its
    predicate is among the best-ranked ones of the pair, of which as many different ones
    are looked at as the ground truth has.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        counts: How often labels occur in training.
        groups: What that makes of them.
        threshold: Least IoU of matched tubes, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        ``objects`` and ``predicates``, each group -> (accuracy in percent or nan,
        number of matched objects, or of relations of matched pairs).

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    labels = labels or ExactLabelMatcher()
    right: dict[str, dict[str, list[bool]]] = {
        kind: {name: [] for name in groups.least} for kind in ('objects', 'predicates')
    }
    for wanted, given in pair_videos(ground_truth, predictions):
        if given is None:
            continue
        check_same_size(wanted, given)
        ids = _match_tubes(wanted, given, threshold)
        for own, other in ids.items():
            category = wanted.object_by_id(own).category
            said = given.object_by_id(other).category
            group = groups(counts.categories[category])
            right['objects'][group].append(labels(said, category))
        for predicate, recognised in _predicates(wanted, given, ids, labels):
            group = groups(counts.predicates[predicate])
            right['predicates'][group].append(recognised)
    return {
        kind: {
            name: (100 * sum(row) / len(row) if row else math.nan, len(row))
            for name, row in rows.items()
        }
        for kind, rows in right.items()
    }


def _match_tubes(
    wanted: SceneGraph, given: SceneGraph, threshold: float
) -> dict[int, int]:
    """Return ground-truth id -> predicted id of matched tubes."""
    own = [item for item in wanted.objects if item.tube]
    other = [item for item in given.objects if item.tube]
    if not own or not other:
        return {}
    ious = tube_ious([item.tube for item in own], [item.tube for item in other])
    worth = np.where(ious >= threshold, ious, 0.0)
    rows, columns = linear_sum_assignment(-worth)
    return {
        own[i].id: other[j].id
        for i, j in zip(rows, columns, strict=True)
        if worth[i, j] > 0
    }


def _predicates(
    wanted: SceneGraph, given: SceneGraph, ids: dict[int, int], labels: LabelMatcher
) -> list[tuple[str, bool]]:
    """Return predicate, and whether it is recognised, of relations of matched pairs."""
    said: dict[tuple[int | None, int | None], dict[str, None]] = defaultdict(dict)
    for row in rank_relations(given):
        said[row.subject, row.object].setdefault(row.predicate)
    true: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for row in wanted.relations:
        true[row.subject, row.object].setdefault(row.predicate)
    found = []
    for (subject, other), predicates in true.items():
        best = list(said.get((ids.get(subject), ids.get(other)), ()))
        for predicate in predicates if best else ():
            recognised = any(
                labels(name, predicate) for name in best[: len(predicates)]
            )
            found.append((predicate, recognised))
    return found
