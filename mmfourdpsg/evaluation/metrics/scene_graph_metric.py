"""Recall of scene graphs as a metric of MMEngine."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraph, save_scene_graphs

from ..functional import evaluate_scene_graphs


@METRICS.register_module()
class SceneGraphMetric(BaseMetric):
    """``R@K`` and ``mR@K`` of 4D scene graphs, in percent.

    Args:
        topk: The numbers of predictions at which recall is cut.
        protocol: How predictions match, see :func:`evaluate_scene_graphs`.
        outfile: Also write the predictions to this file, in the JSON format.
        collect_device: Where results of several processes meet, ``cpu`` or ``gpu``.
        prefix: Prefix of the metrics' names.
    """

    default_prefix = 'scene_graph'

    def __init__(
        self,
        topk: Sequence[int] = (20, 50, 100),
        protocol: str = 'strict',
        outfile: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.topk = tuple(topk)
        self.protocol = protocol
        self.outfile = outfile

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep ground truth and prediction of each video.

        Args:
            data_batch: Unused.
            data_samples: Data samples as dictionaries, as MMEngine hands them on.
        """
        for sample in data_samples:
            self.results.append((sample['gt_scene_graph'], sample['pred_scene_graph']))

    def compute_metrics(
        self, results: list[tuple[SceneGraph, SceneGraph]]
    ) -> dict[str, float]:
        """Score all videos."""
        ground_truth = [row[0] for row in results]
        predictions = [row[1] for row in results]
        if self.outfile is not None:
            save_scene_graphs(predictions, self.outfile)
        return evaluate_scene_graphs(
            ground_truth, predictions, self.topk, self.protocol
        ).metrics
