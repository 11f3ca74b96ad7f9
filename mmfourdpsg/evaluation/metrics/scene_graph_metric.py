"""MMEngine metric: recall of scene graphs."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from mmfourdpsg.registry import METRICS, TASK_UTILS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, save_scene_graphs

from ..functional import check_options, evaluate_scene_graphs


@METRICS.register_module()
class SceneGraphMetric(BaseMetric):
    """``R@K`` and ``mR@K`` of 4D scene graphs, in percent.

    Args:
        topk: The numbers of predictions at which recall is cut.
        protocol: How predictions match, see :func:`evaluate_scene_graphs`.
        labels: Config of the :class:`LabelMatcher`, by default
            :class:`ExactLabelMatcher`.
        outfile: Also write the predictions to this file, in the JSON format.
        collect_device: Where results of several processes meet, ``cpu`` or ``gpu``.
        prefix: Prefix of the metrics' names.

    Raises:
        InputError: The protocol is unknown, or a K is not positive.
    """

    default_prefix = 'scene_graph'

    def __init__(
        self,
        topk: Sequence[int] = (20, 50, 100),
        protocol: str = 'strict',
        labels: dict | None = None,
        outfile: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        # A wrong option shall not be found after hours of training.
        check_options(topk, protocol)
        self.topk = tuple(topk)
        self.protocol = protocol
        self.labels = TASK_UTILS.build(labels or dict(type='ExactLabelMatcher'))
        self.outfile = outfile

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep ground truth and prediction of each video.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append((sample['gt_scene_graph'], sample['pred_scene_graph']))

    def compute_metrics(
        self, results: list[tuple[SceneGraph, SceneGraph]]
    ) -> dict[str, float]:
        """Write the predictions if asked for, and score them."""
        ground_truth = [row[0] for row in results]
        predictions = [row[1] for row in results]
        if self.outfile is not None:
            save_scene_graphs(predictions, self.outfile)
        return self.score(ground_truth, predictions)

    def score(
        self, ground_truth: list[SceneGraph], predictions: list[SceneGraph]
    ) -> dict[str, float]:
        """Score all videos."""
        result = evaluate_scene_graphs(
            ground_truth, predictions, self.topk, self.protocol, self.labels
        )
        print_log(
            f'protocol: {result.protocol}, labels: {result.labels}', logger='current'
        )
        return result.metrics
