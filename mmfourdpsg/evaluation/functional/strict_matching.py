"""The strict protocol: which predicted relations are right."""

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph

from ..labels import ExactLabelMatcher, LabelIndex, LabelMatcher, relation_labels
from .relation_match import (
    RelationMatch,
    check_same_size,
    rank_relations,
)
from .tube_iou import can_stack, restrict_tube, stack_frames, stacked_iou, tube_iou


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
    overlap = _RestrictedOverlap(ground_truth, prediction)
    for rank, relation in enumerate(rank_relations(prediction)[:max_rank]):
        best, best_overlap = None, -1.0
        for index in index_of.find(relation_labels(prediction, relation)):
            if ranks[index] is not None:
                continue
            found = overlap(ground_truth.relations[index], relation, threshold)
            if found >= threshold and found > best_overlap:
                best, best_overlap = index, found
        if best is not None:
            ranks[best] = rank
    return RelationMatch(ground_truth, ranks)


class _RestrictedOverlap:
    """Least IoU of subject and object, each tube restricted and stacked once a span."""

    def __init__(self, ground_truth: SceneGraph, prediction: SceneGraph) -> None:
        self.graphs = dict(ground_truth=ground_truth, prediction=prediction)
        self.num_frames = max(
            (
                1 + item.tube.frames[-1]
                for graph in self.graphs.values()
                for item in graph.objects
                if item.tube
            ),
            default=1,
        )
        self.can_stack = can_stack(
            ground_truth.height, ground_truth.width, self.num_frames
        )
        # Absent and empty tubes are None; a volume is a wide encoding where one can
        # hold it, else the tube itself.
        self._volumes: dict[tuple, dict | MaskTube | None] = {}
        self._ious: dict[tuple, float] = {}

    def __call__(self, wanted: Relation, found: Relation, threshold: float) -> float:
        least = 1.0
        for role in ('subject', 'object'):
            least = min(least, self._iou(wanted, found, role))
            if least < threshold:
                break
        return least

    def _iou(self, wanted: Relation, found: Relation, role: str) -> float:
        keys = tuple(
            (name, getattr(relation, role), tuple(relation.span))
            for name, relation in (('ground_truth', wanted), ('prediction', found))
        )
        if keys not in self._ious:
            first, second = (self._volume(*key) for key in keys)
            if first is None or second is None:
                self._ious[keys] = 0.0
            elif self.can_stack:
                self._ious[keys] = stacked_iou(first, second)
            else:
                self._ious[keys] = tube_iou(first, second)
        return self._ious[keys]

    def _volume(self, name: str, object_id: int, span: tuple) -> dict | MaskTube | None:
        key = (name, object_id, span)
        if key not in self._volumes:
            tube = self.graphs[name].object_by_id(object_id).tube
            volume = restrict_tube(tube, list(span)) or None
            if volume is not None and self.can_stack:
                volume = stack_frames(volume, self.num_frames)
            self._volumes[key] = volume
        return self._volumes[key]
