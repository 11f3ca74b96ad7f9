"""All scores of predicted scene graphs that eval_scene_graphs.py can be asked for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from mmfourdpsg.structures import SceneGraph

from .functional import (
    SEEN,
    Evaluation,
    FrequencyGroups,
    LabelCounts,
    PartScores,
    RelationAccuracy,
    SGDetEvaluation,
    evaluate_scene_graphs,
    evaluate_sgdet,
    group_accuracy,
    group_recall,
    panoptic_quality,
    part_scores,
    relation_accuracy,
    stage_recall,
)
from .labels import LabelMatcher

Shares = dict[str, dict[str, tuple[float, int]]]
"""Kind of label -> group -> (percent, number it is of)."""


@dataclass
class SceneGraphScores:
    """What predictions score; percent, nan where nothing can be measured.

    Attributes:
        recall: Recall of relations, and how they were matched.
        topk: The numbers of predictions at which recall is cut.
        parts: Where predictions of whole videos lose, else None.
        stages: K -> recall of each stage; empty where not asked for, as all below.
        relations: Predicates given the pair and times given the triplet, at the first
            K; None where stages are not asked for.
        masks: Quality of the masks alone.
        groups: K -> recall by groups of labels.
        accuracies: How much of what is segmented is named right, by groups.
    """

    recall: Evaluation | SGDetEvaluation
    topk: Sequence[int]
    parts: PartScores | None = None
    stages: dict[int, dict[str, float]] = field(default_factory=dict)
    relations: RelationAccuracy | None = None
    masks: dict[str, float] = field(default_factory=dict)
    groups: dict[int, Shares] = field(default_factory=dict)
    accuracies: Shares = field(default_factory=dict)

    def to_dict(self) -> dict:
        """Return the metrics by name, and how they were made, fit for JSON.

        JSON has no "not a number", which is what no ground truth gives: it is None.
        """
        values = dict(self.recall.metrics, **self.masks)
        for k, stages in self.stages.items():
            values |= {f'{name} R@{k}': value for name, value in stages.items()}
        if self.relations is not None:
            values |= self.relations.metrics()
        for k, kinds in self.groups.items():
            values |= _named(kinds, f'R@{k}')
        values |= _named(self.accuracies, 'accuracy')
        metrics = {
            name: None if math.isnan(value) else value for name, value in values.items()
        }
        info = dict(protocol=self.recall.protocol, labels=self.recall.labels)
        return dict(metrics, info=info)


def score_scene_graphs(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    topk: Sequence[int] = (20, 50, 100),
    protocol: str = 'strict',
    region: str = 'mask',
    constraint: str = 'pair',
    labels: LabelMatcher | None = None,
    baseline: Sequence[SceneGraph] | None = None,
    stages: bool = False,
    masks: bool = False,
    train: Sequence[SceneGraph] | None = None,
    groups: FrequencyGroups = SEEN,
) -> SceneGraphScores:
    """Score predictions.

    Args:
        ground_truth: The ground truth, one graph an image or video.
        predictions: The predictions, see :func:`pair_videos`.
        topk: The numbers of predictions at which recall is cut.
        protocol: How they match the ground truth, one of :data:`PROTOCOLS`, or
            ``sgdet``: frame by frame, and without :func:`part_scores`.
        region: With ``sgdet``, what IoU is of, one of :data:`REGIONS`.
        constraint: With ``sgdet``, how many predicates a pair may have, see
            :func:`constrain`.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.
        baseline: Other predictions, whose predicates are scored on the same pairs.
        stages: Whether to score the stages of chained inference, and predicates and
            times where what they are of is right.
        masks: Whether to score the masks alone.
        train: What was trained on; with it labels are scored by groups.
        groups: Groups of labels by how often ``train`` has them.

    Raises:
        InputError: As :func:`evaluate_scene_graphs` and :func:`evaluate_sgdet`.
    """
    graphs = ground_truth, predictions
    parts, by_group, accuracies = None, {}, {}
    if protocol == 'sgdet':
        recall = evaluate_sgdet(*graphs, topk, region, constraint, labels=labels)
    else:
        recall = evaluate_scene_graphs(*graphs, topk, protocol, labels)
        parts = part_scores(*graphs, labels=labels, baseline=baseline)
    by_stage = {
        k: stage_recall(*graphs, k, labels=labels) for k in (topk if stages else ())
    }
    relations = relation_accuracy(*graphs, topk[0], labels=labels) if stages else None
    quality = panoptic_quality(*graphs) if masks else {}
    if train is not None:
        counts = LabelCounts.of(train)
        by_group = {
            k: group_recall(*graphs, counts, groups, k, labels=labels) for k in topk
        }
        accuracies = group_accuracy(*graphs, counts, groups, labels=labels)
    return SceneGraphScores(
        recall, topk, parts, by_stage, relations, quality, by_group, accuracies
    )


def _named(kinds: Shares, what: str) -> dict[str, float]:
    return {
        f'{group} {kind} {what}': value
        for kind, groups in kinds.items()
        for group, (value, _) in groups.items()
    }
