"""MMEngine metric: predicates given the pair, times given the triplet."""

from mmengine.logging import print_log

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraph

from ..functional import relation_accuracy
from ..report import relations_table
from .scene_graph_metric import SceneGraphMetric


@METRICS.register_module()
class RelationAccuracyMetric(SceneGraphMetric):
    """How often predicates are right given the pair, and how wrong times are.

    It prints a line a predicate, see :func:`relation_accuracy`, and returns
    ``predicate_accuracy``, ``predicate_accuracy/on``, ``time_error_frames`` and so on
    (:meth:`RelationAccuracy.metrics`). Arguments are those of
    :class:`SceneGraphMetric`, of whose ``topk`` the first number counts.
    """

    default_prefix = 'relations'

    def score(
        self, ground_truth: list[SceneGraph], predictions: list[SceneGraph]
    ) -> dict[str, float]:
        """Score all videos."""
        found = relation_accuracy(
            ground_truth, predictions, self.topk[0], labels=self.labels
        )
        print_log(f'\n{relations_table(found)}', logger='current')
        return found.metrics()
