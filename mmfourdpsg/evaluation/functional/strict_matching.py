"""Strict protocol of matching relations."""

from mmfourdpsg.structures import Relation, SceneGraph

from ..labels import ExactLabelMatcher, LabelIndex, LabelMatcher, relation_labels
from .relation_match import (
    RelationMatch,
    check_same_size,
    rank_relations,
)
from .restricted_overlap import RestrictedOverlap


def match_strict(
    ground_truth: SceneGraph,
    prediction: SceneGraph | None,
    threshold: float = 0.5,
    max_rank: int | None = None,
    labels: LabelMatcher | None = None,
) -> RelationMatch:
    """Match predicted relations to those of the ground truth.

    A prediction matches when subject category, predicate and object category are equal
    (see ``labels``) and both volume IoUs reach the threshold, each tube first
    restricted to its own relation's span: so a wrong or over-long span costs. Matching
    is one-to-one and greedy by rank; among several free matches the one with the
    greatest ``min(IoU subject, IoU object)`` is taken, the first of equal ones.

    A cut at K leaves the matches of the first K predictions as they are, so one
    matching serves every K.

    Args:
        ground_truth: The ground truth of a video.
        prediction: The prediction; None counts as empty.
        threshold: Least IoU of both tubes, above 0.
        max_rank: Number of predictions that are looked at; None takes all.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        The match.

    Raises:
        InputError: The two graphs differ in height or width.
    """
    ranks: list[int | None] = [None] * len(ground_truth.relations)
    if prediction is None:
        return RelationMatch(ground_truth, ranks)
    check_same_size(ground_truth, prediction)
    index_of = LabelIndex(ground_truth, labels or ExactLabelMatcher())
    overlap = RestrictedOverlap(ground_truth, prediction, threshold)
    for rank, relation in enumerate(rank_relations(prediction)[:max_rank]):
        best, best_overlap = None, -1.0
        for index in index_of.find(relation_labels(prediction, relation)):
            if ranks[index] is not None:
                continue
            wanted = ground_truth.relations[index]
            found = least_overlap(overlap, wanted, relation, threshold)
            if found >= threshold and found > best_overlap:
                best, best_overlap = index, found
        if best is not None:
            ranks[best] = rank
    return RelationMatch(ground_truth, ranks)


def least_overlap(
    overlap: RestrictedOverlap, wanted: Relation, found: Relation, threshold: float
) -> float:
    """Return the lesser IoU of subjects and objects, or one below the threshold."""
    least = 1.0
    for role in ('subject', 'object'):
        ids = getattr(wanted, role), getattr(found, role)
        least = min(least, overlap.iou(ids[0], wanted.span, ids[1], found.span))
        if least < threshold:
            break
    return least
