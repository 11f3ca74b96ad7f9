"""Scores of the parts of a scene graph, each given that the parts before are right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import networkx
import numpy as np
from scipy.optimize import linear_sum_assignment

from mmfourdpsg.structures import SceneGraph, SceneObject, span_iou

from ..labels import ExactLabelMatcher, LabelMatcher
from .evaluate import pair_videos
from .relation_match import check_same_size, rank_relations
from .tube_iou import tube_ious


@dataclass
class PartScores:
    """Where a prediction loses; percent, nan where nothing can be measured.

    Objects of a video are first paired one-to-one where their categories match, so
    that the sum of tube IoUs is greatest. An object is found when its pair's IoU
    reaches the threshold.

    Attributes:
        object_precision: Predicted objects that find one of the ground truth.
        object_recall: Ground-truth objects that are found.
        tube_iou: Mean volume IoU of the pairs, found or not: how well the masks fit
            given that the category was named.
        predicate_accuracy: Ordered pairs of found objects, related in both graphs,
            whose best-ranked predicate is one that the ground truth gives them.
        span_iou: Mean span IoU of ground-truth relations between found objects that
            are predicted, whatever the predicted span.
        predicate_pairs: Number of pairs that ``predicate_accuracy`` is of. A model
            that relates few pairs may choose easy ones, so accuracies of different
            pairs do not compare.
        baseline_predicate_accuracy: That of other predictions on the same pairs; what
            these do not relate counts as wrong.
    """

    object_precision: float
    object_recall: float
    tube_iou: float
    predicate_accuracy: float
    span_iou: float
    predicate_pairs: int
    baseline_predicate_accuracy: float = math.nan


def part_scores(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
    baseline: Sequence[SceneGraph] | None = None,
) -> PartScores:
    """Score objects, tubes, predicates and spans one by one, over the data set.

    Args:
        ground_truth: The ground truth, one graph a video. Objects without a mask are
            left out.
        predictions: The predictions, see :func:`pair_videos`.
        threshold: Least tube IoU of an object that is found, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.
        baseline: Other predictions, see :func:`pair_videos`, whose predicates are
            scored on the same pairs.

    Returns:
        The scores.

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    labels = labels or ExactLabelMatcher()
    num_wanted = num_predicted = 0
    ious: list[float] = []
    predicates: list[bool] = []
    of_baseline: list[bool] = []
    spans: list[float] = []
    others: dict[str, SceneGraph | None] = {}
    if baseline is not None:
        videos = pair_videos(ground_truth, baseline)
        others = {graph.video_id: other for graph, other in videos}
    for wanted, found in pair_videos(ground_truth, predictions):
        visible = [item for item in wanted.objects if item.tube]
        num_wanted += len(visible)
        if found is None:
            continue
        check_same_size(wanted, found)
        num_predicted += len(found.objects)
        pairs = _pair_objects(visible, found.objects, labels)
        ious += [iou for _, _, iou in pairs]
        ids = _found_ids(pairs, threshold)
        spans += _span_ious(wanted, found, ids, labels)
        right = _right_predicates(wanted, found, ids, labels)
        predicates += right.values()
        rights = {}
        other = others.get(wanted.video_id)
        if other is not None:
            check_same_size(wanted, other)
            pairs = _pair_objects(visible, other.objects, labels)
            ids = _found_ids(pairs, threshold)
            rights = _right_predicates(wanted, other, ids, labels)
        of_baseline += [rights.get(pair, False) for pair in right]
    num_found = sum(iou >= threshold for iou in ious)
    return PartScores(
        100 * num_found / num_predicted if num_predicted else math.nan,
        100 * num_found / num_wanted if num_wanted else math.nan,
        _percent(ious),
        _percent(predicates),
        _percent(spans),
        len(predicates),
        math.nan if baseline is None else _percent(of_baseline),
    )


def _percent(values: Sequence[float]) -> float:
    return 100 * float(np.mean(values)) if values else math.nan


def _pair_objects(
    wanted: Sequence[SceneObject],
    found: Sequence[SceneObject],
    labels: LabelMatcher,
) -> list[tuple[int, int, float]]:
    """Return (ground-truth id, predicted id, tube IoU), one-to-one."""
    match = np.array(
        [[labels(b.category, a.category) for b in found] for a in wanted], bool
    ).reshape(len(wanted), len(found))
    pairs = []
    # Only what is joined by matches can compete.
    for rows, columns in _components(match):
        allowed = match[np.ix_(rows, columns)]
        ious = tube_ious(
            [wanted[i].tube for i in rows], [found[j].tube for j in columns]
        )
        # Any match is worth more than none, even without overlap.
        worth = np.where(allowed, 1 + ious, 0.0)
        for i, j in zip(*linear_sum_assignment(-worth), strict=True):
            if allowed[i, j]:
                ids = wanted[rows[i]].id, found[columns[j]].id
                pairs.append((*ids, float(ious[i, j])))
    return pairs


def _components(match: np.ndarray) -> list[tuple[list[int], list[int]]]:
    """Return rows and columns of each connected part of a bipartite graph."""
    graph = networkx.Graph()
    for row, column in np.argwhere(match).tolist():
        graph.add_edge((0, row), (1, column))
    return [
        (
            sorted(place for side, place in part if side == 0),
            sorted(place for side, place in part if side == 1),
        )
        for part in networkx.connected_components(graph)
    ]


def _found_ids(
    pairs: Sequence[tuple[int, int, float]], threshold: float
) -> dict[int, int]:
    """Return ground-truth id -> predicted id of the objects that are found."""
    return {first: second for first, second, iou in pairs if iou >= threshold}


def _right_predicates(
    wanted: SceneGraph, found: SceneGraph, ids: dict[int, int], labels: LabelMatcher
) -> dict[tuple[int, int], bool]:
    """Return whether the best predicate is right, by ground-truth ids of each pair."""
    best: dict[tuple[int | None, int | None], str] = {}
    for row in rank_relations(found):
        best.setdefault((row.subject, row.object), row.predicate)
    right: dict[tuple[int, int], bool] = {}
    for row in wanted.relations:
        predicate = best.get((ids.get(row.subject), ids.get(row.object)))
        if predicate is not None:
            pair = row.subject, row.object
            right[pair] = right.get(pair, False) or labels(predicate, row.predicate)
    return right


def _span_ious(
    wanted: SceneGraph, found: SceneGraph, ids: dict[int, int], labels: LabelMatcher
) -> list[float]:
    """Return the span IoU of each relation that is predicted, of found objects."""
    ious = []
    ranked = rank_relations(found)
    for row in wanted.relations:
        pair = ids.get(row.subject), ids.get(row.object)
        for other in ranked:
            if (other.subject, other.object) == pair and labels(
                other.predicate, row.predicate
            ):
                ious.append(span_iou(row.span, other.span))
                break
    return ious
