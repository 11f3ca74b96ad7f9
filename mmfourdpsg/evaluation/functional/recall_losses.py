"""Reasons why relations are missed under the strict protocol."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mmfourdpsg.structures import Relation, SceneGraph, Span

from ..labels import ExactLabelMatcher, LabelMatcher
from .evaluate import pair_videos
from .relation_match import rank_relations
from .restricted_overlap import RestrictedOverlap
from .strict_matching import least_overlap, match_strict

FOUND = 'found'
TOO_LOW = 'ranked too low'
USED = 'used for another'
NEVER = tuple(
    f'never mentioned, {which} found' for which in ('no object', 'one object', 'both')
)
REASONS = (
    FOUND,
    TOO_LOW,
    USED,
    'span',
    'predicate',
    'object mask',
    'subject mask',
    'both masks',
    'label',
    *reversed(NEVER),
)
"""All reasons, from what is nearly right to what is not there at all."""


@dataclass
class RecallLoss:
    """What became of one relation of the ground truth.

    Attributes:
        video_id: The video.
        index: Place of the relation in its graph.
        relation: The relation.
        reason: One of :data:`REASONS`.
        rank: Rank (from 0) of the prediction that found it, or else of the one that
            came nearest; None if there is none.
        failures: What that prediction gets wrong, of ``subject label``, ``object
            label``, ``subject mask``, ``object mask``, ``predicate`` and ``span``; or
            which objects were not found, ``subject`` and ``object``, if there is none.
    """

    video_id: str
    index: int
    relation: Relation
    reason: str
    rank: int | None = None
    failures: list[str] = field(default_factory=list)


def recall_losses(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    k: int = 20,
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> list[RecallLoss]:
    """Say of each relation of the ground truth whether it is found, or why not.

    A relation that the strict protocol finds beyond rank ``k`` is ranked too low. Of
    one that it does not find at all, predictions speak in which the label or the mask
    of either object is right; the nearest is the one that gets fewest things wrong, the
    best-ranked of equals:

    - ``subject label``, ``object label``, ``predicate``: the labels do not match;
    - ``subject mask``, ``object mask``: the volume IoU is below the threshold, both
      tubes restricted to the ground truth's span, so that a wrong span is not taken for
      a wrong mask;
    - ``span``: all of these are right, and yet it does not match.

    The reason is the first of what is wrong: label, masks, predicate, span. If nothing
    is wrong the prediction was matched to another relation, which it fits better. If no
    prediction speaks of it, the relation was never mentioned; then it is told how many
    of its objects were found at all, that is, with label and mask.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        k: Number of predictions at which recall is cut.
        threshold: Least IoU of both tubes, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        One for each relation of the ground truth, video by video.

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    labels = labels or ExactLabelMatcher()
    losses = []
    for wanted, found in pair_videos(ground_truth, predictions):
        ranks = match_strict(wanted, found, threshold, labels=labels).ranks
        nearest = None if found is None else _Nearest(wanted, found, threshold, labels)
        for index, (relation, rank) in enumerate(
            zip(wanted.relations, ranks, strict=True)
        ):
            loss = RecallLoss(wanted.video_id, index, relation, NEVER[0], rank)
            if rank is not None:
                loss.reason = FOUND if rank < k else TOO_LOW
            elif nearest is not None:
                nearest.explain(loss)
            else:
                loss.failures = ['subject', 'object']
            losses.append(loss)
    return losses


class _Nearest:
    """Finds the prediction of a video that comes nearest to a missed relation."""

    def __init__(
        self,
        ground_truth: SceneGraph,
        prediction: SceneGraph,
        threshold: float,
        labels: LabelMatcher,
    ) -> None:
        self.graphs = ground_truth, prediction
        self.threshold = threshold
        self.labels = labels
        self.ranked = rank_relations(prediction)
        self.overlap = RestrictedOverlap(ground_truth, prediction, threshold)

    def explain(self, loss: RecallLoss) -> None:
        """Fill in reason, rank and failures."""
        best = None
        for rank, row in enumerate(self.ranked):
            failures = self._failures(loss.relation, row)
            if failures is not None and (best is None or len(failures) < len(best[1])):
                best = rank, failures
        if best is not None:
            loss.rank, loss.failures = best
            loss.reason = _reason(loss.failures)
            return
        loss.failures = [
            role
            for role in ('subject', 'object')
            if not self._is_found(getattr(loss.relation, role), loss.relation.span)
        ]
        loss.reason = NEVER[2 - len(loss.failures)]

    def _is_found(self, wanted_id: int, span: Span) -> bool:
        """Return whether some predicted object has an object's label and mask."""
        category = self.graphs[0].object_by_id(wanted_id).category
        return any(
            self.labels(item.category, category)
            and self.overlap.iou(wanted_id, span, item.id, span) >= self.threshold
            for item in self.graphs[1].objects
        )

    def _failures(self, wanted: Relation, found: Relation) -> list[str] | None:
        """Return what is wrong, or None where the prediction is of something else."""
        failures = []
        for role in ('subject', 'object'):
            ids = getattr(wanted, role), getattr(found, role)
            names = [
                graph.object_by_id(object_id).category
                for graph, object_id in zip(self.graphs, ids, strict=True)
            ]
            wrong_label = not self.labels(names[1], names[0])
            span = wanted.span
            wrong_mask = self.overlap.iou(ids[0], span, ids[1], span) < self.threshold
            if wrong_label and wrong_mask:
                return None
            failures += [f'{role} label'] * wrong_label + [f'{role} mask'] * wrong_mask
        if not self.labels(found.predicate, wanted.predicate):
            failures.append('predicate')
        if not failures:
            least = least_overlap(self.overlap, wanted, found, self.threshold)
            failures += ['span'] * (least < self.threshold)
        return failures


def _reason(failures: Sequence[str]) -> str:
    if not failures:
        return USED
    if any(failure.endswith('label') for failure in failures):
        return 'label'
    masks = [failure for failure in failures if failure.endswith('mask')]
    if len(masks) == 2:
        return 'both masks'
    return (masks or failures)[0]
