"""Matching of predicted objects to those of the ground truth."""

from mmfourdpsg.structures import SceneGraph

from ..labels import ExactLabelMatcher, LabelMatcher
from .relation_match import check_same_size
from .tube_runs import TubeRuns, runs_iou


def match_objects(
    ground_truth: SceneGraph,
    prediction: SceneGraph | None,
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> dict[int, int | None]:
    """Match predicted objects to those of the ground truth.

    A prediction matches when the category does and the volume IoU of the tubes reaches
    the threshold. Matching is one-to-one and greedy by score (equal ones keep their
    order, none counts as 0); among several free matches the one with the greatest IoU
    is taken, the first of equal ones.

    Args:
        ground_truth: The ground truth of a video. Objects without a mask are left out.
        prediction: The prediction; None counts as empty.
        threshold: Least IoU, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        For each object's id the rank (from 0) of the prediction that found it, or None.

    Raises:
        InputError: The two graphs differ in height or width.
    """
    labels = labels or ExactLabelMatcher()
    wanted = {item.id: item.tube for item in ground_truth.objects if item.tube}
    ranks: dict[int, int | None] = dict.fromkeys(wanted)
    if prediction is None:
        return ranks
    check_same_size(ground_truth, prediction)
    runs: dict[int, TubeRuns] = {}
    ranked = sorted(prediction.objects, key=lambda item: -(item.score or 0.0))
    for rank, item in enumerate(ranked):
        free = [
            other
            for other in ground_truth.objects
            if other.id in wanted
            and ranks[other.id] is None
            and labels(item.category, other.category)
        ]
        if not free or not item.tube:
            continue
        found = TubeRuns(item.tube)
        best, best_iou = None, 0.0
        for other in free:
            if other.id not in runs:
                runs[other.id] = TubeRuns(wanted[other.id])
            own = runs[other.id]
            iou = runs_iou(own, own.whole, found, found.whole, threshold)
            if iou >= threshold and iou > best_iou:
                best, best_iou = other.id, iou
        if best is not None:
            ranks[best] = rank
    return ranks
