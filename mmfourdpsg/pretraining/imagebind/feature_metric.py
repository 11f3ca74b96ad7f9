"""How much the features of pretrained encoders tell."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample

PERCENT = (
    'name_accuracy_rgb',
    'name_accuracy_depth',
    'retrieval_rgb_to_depth',
    'instance_accuracy',
)


@METRICS.register_module()
class FeatureMetric(BaseMetric):
    """Accuracies of features in percent, and the error of log-depth.

    - ``name_accuracy_rgb``, ``name_accuracy_depth``: objects in frames whose best name
      is theirs, by the features of either modality.
    - ``retrieval_rgb_to_depth``: patches whose most similar depth patch of the same
      video is their own.
    - ``log_depth_error``: mean absolute error of the natural logarithm of a patch's
      depth, as told by its RGB feature.
    - ``instance_accuracy``: pixels that are most like their own object, of those of
      their frame.

    Each object, patch or pixel has the same weight, whichever video it is from. What is
    counted nowhere is left out.
    """

    default_prefix = 'features'

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep ``feature_counts`` of each video, pairs (sum, number) by name.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append(sample['feature_counts'])

    def compute_metrics(
        self, results: list[Mapping[str, tuple[float, int]]]
    ) -> dict[str, float]:
        """Divide the sums of all videos by their numbers."""
        metrics = {}
        for name in (*PERCENT, 'log_depth_error'):
            rows = [counts[name] for counts in results if name in counts]
            total, number = sum(row[0] for row in rows), sum(row[1] for row in rows)
            if number:
                metrics[name] = (100 if name in PERCENT else 1) * total / number
        return metrics
