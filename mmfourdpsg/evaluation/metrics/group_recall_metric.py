"""MMEngine metric: recall by groups of labels."""

from collections.abc import Mapping, Sequence

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraph, load_ground_truth

from ..functional import (
    SEEN,
    FrequencyGroups,
    LabelCounts,
    group_accuracy,
    group_recall,
)
from .scene_graph_metric import SceneGraphMetric


@METRICS.register_module()
class GroupRecallMetric(SceneGraphMetric):
    """Recall of seen and unseen, or of frequent and rare labels (Tables 7 and 8).

    ``<group>_objects_R@K`` and ``<group>_predicates_R@K``, see :func:`group_recall`;
    ``<group>_objects_accuracy`` and ``<group>_predicates_accuracy`` on matched tubes,
    see :func:`group_accuracy`.

    Args:
        train: Scene graphs that were trained on, in the JSON format.
        groups: Group -> least number of occurrences there, such as
            ``dict(head=100, body=20, tail=0)``; None splits seen from unseen.
        topk: The numbers of predictions at which recall is cut.
        **kwargs: Of :class:`SceneGraphMetric`, without ``protocol``, which is
            ``strict``.

    Raises:
        InputError: The file cannot be read, or groups do not fit together.
    """

    default_prefix = 'groups'

    def __init__(
        self,
        train: str,
        groups: Mapping[str, int] | None = None,
        topk: Sequence[int] = (20, 50, 100),
        **kwargs,
    ) -> None:
        super().__init__(topk, **kwargs)
        self.groups = SEEN if groups is None else FrequencyGroups(dict(groups))
        self.counts = LabelCounts.of(load_ground_truth(train))

    def score(
        self, ground_truth: list[SceneGraph], predictions: list[SceneGraph]
    ) -> dict[str, float]:
        """Score all videos."""
        graphs = ground_truth, predictions
        metrics = {}
        for k in self.topk:
            recalls = group_recall(
                *graphs, self.counts, self.groups, k, labels=self.labels
            )
            for kind, rows in recalls.items():
                for name, (recall, _) in rows.items():
                    metrics[f'{name}_{kind}_R@{k}'] = recall
        accuracies = group_accuracy(
            *graphs, self.counts, self.groups, labels=self.labels
        )
        for kind, rows in accuracies.items():
            for name, (accuracy, _) in rows.items():
                metrics[f'{name}_{kind}_accuracy'] = accuracy
        return metrics
