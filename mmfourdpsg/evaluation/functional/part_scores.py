"""Scores of the parts of a scene graph, each given that the parts before are right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from mmfourdpsg.structures import SceneGraph, SceneObject, span_iou

from .evaluate import pair_videos
from .relation_match import check_same_size, rank_relations
from .tube_iou import tube_ious


@dataclass
class PartScores:
    """Where a prediction loses; percent, nan where nothing can be measured.

    Objects of a video are first paired one-to-one within a category so that the sum
    of tube IoUs is greatest. An object is found when its pair's IoU reaches the
    threshold.

    Attributes:
        object_precision: Predicted objects that find one of the ground truth.
        object_recall: Ground-truth objects that are found.
        tube_iou: Mean volume IoU of the pairs, found or not: how well the masks fit
            given that the category was named.
        predicate_accuracy: Ordered pairs of found objects, related in both graphs,
            whose best-ranked predicate is one that the ground truth gives them.
        span_iou: Mean span IoU of ground-truth relations between found objects that
            are predicted, whatever the predicted span.
    """

    object_precision: float
    object_recall: float
    tube_iou: float
    predicate_accuracy: float
    span_iou: float


def part_scores(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    threshold: float = 0.5,
) -> PartScores:
    """Score objects, tubes, predicates and spans one by one, over the data set.

    Args:
        ground_truth: The ground truth, one graph a video. Objects without a mask are
            left out.
        predictions: The predictions, see :func:`pair_videos`.
        threshold: Least tube IoU of an object that is found, above 0.

    Returns:
        The scores.

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    num_wanted = num_predicted = 0
    ious: list[float] = []
    predicates: list[bool] = []
    spans: list[float] = []
    for wanted, found in pair_videos(ground_truth, predictions):
        visible = [item for item in wanted.objects if item.tube]
        num_wanted += len(visible)
        if found is None:
            continue
        check_same_size(wanted, found)
        num_predicted += len(found.objects)
        pairs = _pair_objects(visible, found.objects)
        ious += [iou for _, _, iou in pairs]
        ids = {first: second for first, second, iou in pairs if iou >= threshold}
        _score_relations(wanted, found, ids, predicates, spans)
    num_found = sum(iou >= threshold for iou in ious)
    return PartScores(
        100 * num_found / num_predicted if num_predicted else math.nan,
        100 * num_found / num_wanted if num_wanted else math.nan,
        _percent(ious),
        _percent(predicates),
        _percent(spans),
    )


def _percent(values: Sequence[float]) -> float:
    return 100 * float(np.mean(values)) if values else math.nan


def _pair_objects(
    wanted: Sequence[SceneObject], found: Sequence[SceneObject]
) -> list[tuple[int, int, float]]:
    """Return (ground-truth id, predicted id, tube IoU), one-to-one in a category."""
    pairs = []
    for category in sorted({item.category for item in wanted}):
        rows = [item for item in wanted if item.category == category]
        columns = [item for item in found if item.category == category]
        # ious: [rows, columns]
        ious = tube_ious([a.tube for a in rows], [b.tube for b in columns])
        if columns:
            for i, j in zip(*linear_sum_assignment(-ious), strict=True):
                pairs.append((rows[i].id, columns[j].id, float(ious[i, j])))
    return pairs


def _score_relations(
    wanted: SceneGraph,
    found: SceneGraph,
    ids: dict[int, int],
    predicates: list[bool],
    spans: list[float],
) -> None:
    """Append the predicates and spans of relations between found objects."""
    best: dict[tuple[int, int], str] = {}
    predicted_spans = {}
    for row in rank_relations(found):
        best.setdefault((row.subject, row.object), row.predicate)
        predicted_spans[row.subject, row.predicate, row.object] = row.span
    true_predicates: dict[tuple[int, int], set[str]] = {}
    for row in wanted.relations:
        if row.subject not in ids or row.object not in ids:
            continue
        subject, other = ids[row.subject], ids[row.object]
        true_predicates.setdefault((subject, other), set()).add(row.predicate)
        span = predicted_spans.get((subject, row.predicate, other))
        if span is not None:
            spans.append(span_iou(row.span, span))
    for pair, names in true_predicates.items():
        if pair in best:
            predicates.append(best[pair] in names)
