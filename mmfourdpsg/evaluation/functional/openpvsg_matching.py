"""OpenPVSG's published protocol of matching relations."""

from pycocotools import mask as coco_mask

from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    clip_span,
    intersect_spans,
    span_from_frames,
    span_length,
)

from ..labels import ExactLabelMatcher, LabelIndex, LabelMatcher, relation_labels
from .relation_match import (
    RelationMatch,
    check_same_size,
    rank_relations,
)


def match_openpvsg(
    ground_truth: SceneGraph,
    prediction: SceneGraph | None,
    threshold: float = 0.5,
    max_rank: int | None = None,
    labels: LabelMatcher | None = None,
) -> RelationMatch:
    """Match predicted relations to those of the ground truth, as OpenPVSG does.

    A frame of the ground-truth span is a hit when the mask IoUs of subject and object
    both reach the threshold. A prediction with the same three labels finds a
    ground-truth relation when the IoU of two sets of frames reaches the threshold:
    hits within the predicted span, and frames of the ground-truth span in which both
    ground-truth masks exist. One prediction may find many ground-truth relations, and
    frames of a predicted span outside the ground truth's cost nothing: compare with
    :func:`match_strict`. Predictions without masks keep their rank. Frames from the
    ground truth's ``num_frames`` on are not looked at.

    Args:
        ground_truth: The ground truth of a video.
        prediction: The prediction; None counts as empty.
        threshold: Least IoU of masks and of frames, above 0.
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
    hits = _Hits(ground_truth, prediction, threshold)
    for rank, relation in enumerate(rank_relations(prediction)[:max_rank]):
        for index in index_of.find(relation_labels(prediction, relation)):
            if ranks[index] is not None:
                continue
            if hits.share(ground_truth.relations[index], relation) >= threshold:
                ranks[index] = rank
    return RelationMatch(ground_truth, ranks)


class _Hits:
    """Frames in which a predicted object lies on a ground-truth object."""

    def __init__(
        self, ground_truth: SceneGraph, prediction: SceneGraph, threshold: float
    ) -> None:
        self.ground_truth = ground_truth
        self.prediction = prediction
        self.threshold = threshold
        self._spans: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def share(self, wanted: Relation, found: Relation) -> float:
        """Return the IoU of hits in the predicted span and countable frames."""
        span = clip_span(wanted.span, self.ground_truth.num_frames)
        countable = hits = span
        for role in ('subject', 'object'):
            ids = getattr(wanted, role), getattr(found, role)
            tube = self.ground_truth.object_by_id(ids[0]).tube
            frames = tube.frames if tube is not None else []
            countable = intersect_spans(countable, span_from_frames(frames))
            hits = intersect_spans(hits, self._span(*ids))
        if not countable:
            return 0.0
        # Hits are countable frames, so countable frames are the union.
        hits = intersect_spans(hits, found.span)
        return span_length(hits) / span_length(countable)

    def _span(self, wanted_id: int, found_id: int) -> list[tuple[int, int]]:
        key = (wanted_id, found_id)
        if key not in self._spans:
            first = self.ground_truth.object_by_id(wanted_id).tube
            second = self.prediction.object_by_id(found_id).tube
            self._spans[key] = span_from_frames(self._frames(first, second))
        return self._spans[key]

    def _frames(self, first: MaskTube | None, second: MaskTube | None) -> list[int]:
        if not first or not second:
            return []
        return [
            frame
            for frame, rle in first.rles.items()
            if frame in second.rles
            and coco_mask.iou([rle], [second.rles[frame]], [False])[0, 0]
            >= self.threshold
        ]
