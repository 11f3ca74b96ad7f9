"""MMEngine metric: recall of each stage of chained inference."""

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraph

from ..functional import stage_recall
from .scene_graph_metric import SceneGraphMetric


@METRICS.register_module()
class StageRecallMetric(SceneGraphMetric):
    """Recall of objects, pairs, triplets and quintuples (Table 4).

    ``objects_R@K`` and so on, see :func:`stage_recall`; arguments are those of
    :class:`SceneGraphMetric`, whose ``protocol`` stays ``strict``.
    """

    default_prefix = 'stages'

    def score(
        self, ground_truth: list[SceneGraph], predictions: list[SceneGraph]
    ) -> dict[str, float]:
        """Score all videos."""
        return {
            f'{stage}_R@{k}': recall
            for k in self.topk
            for stage, recall in stage_recall(
                ground_truth, predictions, k, labels=self.labels
            ).items()
        }
