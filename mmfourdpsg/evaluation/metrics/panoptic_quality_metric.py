"""MMEngine metric: quality of mask tubes, whatever the relations."""

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraph

from ..functional import panoptic_quality
from .scene_graph_metric import SceneGraphMetric


@METRICS.register_module()
class PanopticQualityMetric(SceneGraphMetric):
    """``VPQ``, ``STQ`` and what they are made of, see :func:`panoptic_quality`.

    Arguments are those of :class:`SceneGraphMetric`; of them ``topk``, ``protocol`` and
    ``labels`` change nothing.
    """

    default_prefix = 'masks'

    def score(
        self, ground_truth: list[SceneGraph], predictions: list[SceneGraph]
    ) -> dict[str, float]:
        """Score all videos."""
        return panoptic_quality(ground_truth, predictions)
