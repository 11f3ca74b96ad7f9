"""The strict protocol: which predicted relations are right."""

from dataclasses import dataclass

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph
from mmfourdpsg.utils import InputError

from .tube_iou import tube_iou


@dataclass
class StrictMatch:
    """How the relations of a video were matched.

    Attributes:
        graph: The ground truth.
        ranks: For each of its relations the rank (from 0) of the prediction that
            matched it, or None.
    """

    graph: SceneGraph
    ranks: list[int | None]


def rank_relations(graph: SceneGraph) -> list[Relation]:
    """Return a graph's relations, best score first; ties keep their order."""
    return sorted(graph.relations, key=lambda row: -(row.score or 0.0))


def match_strict(
    ground_truth: SceneGraph,
    prediction: SceneGraph | None,
    threshold: float = 0.5,
    max_rank: int | None = None,
) -> StrictMatch:
    """Match predicted relations to those of the ground truth.

    A prediction matches when subject category, predicate and object category are equal
    and both volume IoUs reach the threshold, each tube first restricted to its own
    relation's span: so a wrong or over-long span costs. Matching is one-to-one and
    greedy by rank; among several free matches the one with the greatest
    ``min(IoU subject, IoU object)`` is taken, the first of equal ones.

    A cut at K leaves the matches of the first K predictions as they are, so one
    matching serves every K.

    Args:
        ground_truth: The ground truth of a video.
        prediction: The prediction; None counts as empty.
        threshold: Least IoU of both tubes.
        max_rank: Number of predictions that are looked at; None takes all.

    Returns:
        The match.

    Raises:
        InputError: The two graphs differ in height or width.
    """
    ranks: list[int | None] = [None] * len(ground_truth.relations)
    if prediction is None:
        return StrictMatch(ground_truth, ranks)
    sizes = [(g.height, g.width) for g in (ground_truth, prediction)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f'video {ground_truth.video_id!r}: the prediction is {sizes[1][0]} x '
            f'{sizes[1][1]} pixels, expected {sizes[0][0]} x {sizes[0][1]}'
        )
    by_labels: dict[tuple[str, str, str], list[int]] = {}
    for index, relation in enumerate(ground_truth.relations):
        by_labels.setdefault(_labels(ground_truth, relation), []).append(index)
    overlap = _RestrictedOverlap(ground_truth, prediction)
    for rank, relation in enumerate(rank_relations(prediction)[:max_rank]):
        best, best_overlap = None, -1.0
        for index in by_labels.get(_labels(prediction, relation), ()):
            if ranks[index] is not None:
                continue
            found = overlap(ground_truth.relations[index], relation, threshold)
            if found >= threshold and found > best_overlap:
                best, best_overlap = index, found
        if best is not None:
            ranks[best] = rank
    return StrictMatch(ground_truth, ranks)


def _labels(graph: SceneGraph, relation: Relation) -> tuple[str, str, str]:
    return (
        graph.object_by_id(relation.subject).category,
        relation.predicate,
        graph.object_by_id(relation.object).category,
    )


class _RestrictedOverlap:
    """Least IoU of subject and object, each tube restricted once a span."""

    def __init__(self, ground_truth: SceneGraph, prediction: SceneGraph) -> None:
        self.ground_truth = ground_truth
        self.prediction = prediction
        self._tubes: dict[tuple, MaskTube | None] = {}
        self._ious: dict[tuple, float] = {}

    def __call__(self, wanted: Relation, found: Relation, threshold: float) -> float:
        least = 1.0
        for role in ('subject', 'object'):
            least = min(least, self._iou(wanted, found, role))
            if least < threshold:
                break
        return least

    def _iou(self, wanted: Relation, found: Relation, role: str) -> float:
        keys = [
            (name, getattr(relation, role), tuple(relation.span))
            for name, relation in (('ground_truth', wanted), ('prediction', found))
        ]
        if tuple(keys) not in self._ious:
            tubes = [self._tube(*key) for key in keys]
            self._ious[tuple(keys)] = tube_iou(*tubes)
        return self._ious[tuple(keys)]

    def _tube(self, name: str, object_id: int, span: tuple) -> MaskTube | None:
        key = (name, object_id, span)
        if key not in self._tubes:
            tube = getattr(self, name).object_by_id(object_id).tube
            self._tubes[key] = tube.restrict(list(span)) if tube is not None else None
        return self._tubes[key]
