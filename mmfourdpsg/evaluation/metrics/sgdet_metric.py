"""MMEngine metric: scene graph detection in images and frames."""

from collections.abc import Sequence

from mmengine.logging import print_log

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraph

from ..functional import evaluate_sgdet
from ..functional.graph_constraint import check_constraint
from ..functional.region_overlap import check_region
from .scene_graph_metric import SceneGraphMetric


@METRICS.register_module()
class SGDetMetric(SceneGraphMetric):
    """``R@K`` and ``mR@K`` of scene graph detection, in percent.

    Args:
        topk: The numbers of predictions a frame at which recall is cut.
        region: What IoU is of, ``mask`` or ``box``.
        constraint: How many predicates a pair may have, see :func:`constrain`.
        **kwargs: Of :class:`SceneGraphMetric`, without ``protocol``.

    Raises:
        InputError: Region or constraint are unknown, or a K is not positive.
    """

    default_prefix = 'sgdet'

    def __init__(
        self,
        topk: Sequence[int] = (20, 50, 100),
        region: str = 'mask',
        constraint: str = 'pair',
        **kwargs,
    ) -> None:
        super().__init__(topk, **kwargs)
        check_region(region)
        check_constraint(constraint)
        self.region = region
        self.constraint = constraint

    def score(
        self, ground_truth: list[SceneGraph], predictions: list[SceneGraph]
    ) -> dict[str, float]:
        """Score all images or videos."""
        result = evaluate_sgdet(
            ground_truth,
            predictions,
            self.topk,
            self.region,
            self.constraint,
            labels=self.labels,
        )
        print_log(
            f'protocol: {result.protocol}, labels: {result.labels}', logger='current'
        )
        return result.metrics
