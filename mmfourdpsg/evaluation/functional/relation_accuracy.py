"""Accuracy of predicates given the pair, and of times given the triplet."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mmfourdpsg.structures import Relation, SceneGraph, span_iou

from ..labels import ExactLabelMatcher, LabelMatcher
from .evaluate import pair_videos
from .relation_match import check_same_size, rank_relations
from .restricted_overlap import RestrictedOverlap


@dataclass
class RelationTally:
    """What became of the relations of one predicate, or of all.

    Attributes:
        total: Relations of the ground truth.
        pairs: Those whose pair is predicted.
        right: Those of them that have the right predicate.
        begin_errors: Distance of the predicted first frame from the true one, in
            frames, of each of the latter.
        end_errors: Likewise of the last frame.
        spans_fit: How many of the latter have a span IoU of at least the threshold.
    """

    total: int = 0
    pairs: int = 0
    right: int = 0
    begin_errors: list[int] = field(default_factory=list)
    end_errors: list[int] = field(default_factory=list)
    spans_fit: int = 0

    def __add__(self, other: 'RelationTally') -> 'RelationTally':
        return RelationTally(
            self.total + other.total,
            self.pairs + other.pairs,
            self.right + other.right,
            self.begin_errors + other.begin_errors,
            self.end_errors + other.end_errors,
            self.spans_fit + other.spans_fit,
        )

    @property
    def pair_recall(self) -> float:
        """Relations whose pair is predicted, of all, in percent."""
        return _percent(self.pairs, self.total)

    @property
    def predicate_accuracy(self) -> float:
        """Relations with the right predicate, of those with a pair, in percent."""
        return _percent(self.right, self.pairs)

    @property
    def begin_error(self) -> float:
        """Mean distance of first frames, in frames."""
        return _mean(self.begin_errors)

    @property
    def end_error(self) -> float:
        """Mean distance of last frames, in frames."""
        return _mean(self.end_errors)

    @property
    def time_error(self) -> float:
        """Mean distance of first and last frames, in frames."""
        return _mean([*self.begin_errors, *self.end_errors])

    @property
    def span_accuracy(self) -> float:
        """Spans that fit, of those of right predicates, in percent."""
        return _percent(self.spans_fit, self.right)


@dataclass
class RelationAccuracy:
    """How often predicates and times are right where what they are of is.

    Attributes:
        by_predicate: Predicate of the ground truth -> what became of its relations.
        k: Number of predictions of a video that were looked at.
    """

    by_predicate: dict[str, RelationTally]
    k: int

    @property
    def whole(self) -> RelationTally:
        """What became of all relations."""
        return sum(self.by_predicate.values(), RelationTally())

    @property
    def mean_predicate_accuracy(self) -> float:
        """Mean over predicates of which some pair is predicted, in percent."""
        found = [row.predicate_accuracy for row in self.by_predicate.values()]
        return _mean([value for value in found if not math.isnan(value)])

    def metrics(self) -> dict[str, float]:
        """Return figures by name; percent, times in frames, nan where there is none.

        Predicates of which no pair is predicted have no entry.
        """
        whole = self.whole
        metrics = dict(
            pair_recall=whole.pair_recall,
            predicate_accuracy=whole.predicate_accuracy,
            mean_predicate_accuracy=self.mean_predicate_accuracy,
            time_error_frames=whole.time_error,
            begin_error_frames=whole.begin_error,
            end_error_frames=whole.end_error,
            span_accuracy=whole.span_accuracy,
        )
        for name, row in self.by_predicate.items():
            if row.pairs:
                metrics[f'predicate_accuracy/{name}'] = row.predicate_accuracy
            if row.right:
                metrics[f'time_error_frames/{name}'] = row.time_error
        return metrics


def relation_accuracy(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    k: int = 20,
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> RelationAccuracy:
    """Say how often predicates are right given the pair, and times given the triplet.

    Recall asks for everything at once. Here each thing is asked for where what it is of
    is right, among the first K rows of a video:

    - The *pair* of a relation is predicted where a row has its subject and its object:
      both categories are equal, and both tubes, restricted to the span of the ground
      truth, have a volume IoU that reaches the threshold. So a wrong span is not taken
      for a wrong mask, as in :func:`recall_losses`.
    - Its *predicate* is right where a row of this pair has it.
    - Its *times* are those of the best-ranked such row: the distance in frames of the
      first frame of the span from the true first one, and of the last one, and whether
      the IoU of both spans, with whatever gaps they have, reaches the threshold.

    Matching is not one-to-one: a pair may have several predicates, and rows that give
    it many are held back by K alone.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        k: Number of predictions of a video that are looked at.
        threshold: Least IoU of tubes and of spans, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        What became of the relations of each predicate, by name.

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    labels = labels or ExactLabelMatcher()
    tallies: dict[str, RelationTally] = defaultdict(RelationTally)
    for wanted, found in pair_videos(ground_truth, predictions):
        pairs = None if found is None else _Pairs(wanted, found, k, threshold, labels)
        for row in wanted.relations:
            tally = tallies[row.predicate]
            tally.total += 1
            rows = [] if pairs is None else pairs.rows(row)
            tally.pairs += bool(rows)
            same = [other for other in rows if labels(other.predicate, row.predicate)]
            if same:
                span = same[0].span
                tally.right += 1
                tally.begin_errors.append(abs(span[0][0] - row.span[0][0]))
                tally.end_errors.append(abs(span[-1][1] - row.span[-1][1]))
                tally.spans_fit += span_iou(span, row.span) >= threshold
    return RelationAccuracy(dict(sorted(tallies.items())), k)


class _Pairs:
    """Finds the rows of a prediction that have the pair of a true relation."""

    def __init__(
        self,
        wanted: SceneGraph,
        found: SceneGraph,
        k: int,
        threshold: float,
        labels: LabelMatcher,
    ) -> None:
        check_same_size(wanted, found)
        self.graphs = wanted, found
        self.ranked = rank_relations(found)[:k]
        self.threshold = threshold
        self.labels = labels
        self.overlap = RestrictedOverlap(wanted, found, threshold)

    def rows(self, wanted: Relation) -> list[Relation]:
        """Return the rows, the best-ranked first."""
        return [
            row
            for row in self.ranked
            if all(
                self._is_object(getattr(wanted, role), getattr(row, role), wanted)
                for role in ('subject', 'object')
            )
        ]

    def _is_object(self, wanted_id: int, found_id: int, wanted: Relation) -> bool:
        names = [
            graph.object_by_id(object_id).category
            for graph, object_id in zip(self.graphs, (wanted_id, found_id), strict=True)
        ]
        if not self.labels(names[1], names[0]):
            return False
        iou = self.overlap.iou(wanted_id, wanted.span, found_id, wanted.span)
        return iou >= self.threshold


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else math.nan


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else math.nan
