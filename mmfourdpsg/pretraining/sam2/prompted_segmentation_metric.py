"""How well prompted objects are segmented and followed."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

from mmengine.evaluator import BaseMetric

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample


@METRICS.register_module()
class PromptedSegmentationMetric(BaseMetric):
    """Mean IoU in percent by kind of prompt, in the first frame and in later ones.

    Every object counts in every frame that shows it: ``box_first``, ``box_later`` and
    so on, and ``mean`` of them all, each kind and place with the same weight.
    """

    default_prefix = 'segmentation'

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep ``prompted_ious``, rows (kind, place in the clip, IoU), of each video.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append(sample['prompted_ious'])

    def compute_metrics(
        self, results: list[list[tuple[str, int, float]]]
    ) -> dict[str, float]:
        """Return the means; without results there are none."""
        values: dict[str, list[float]] = defaultdict(list)
        for kind, place, iou in chain.from_iterable(results):
            values[f'{kind}_{"later" if place else "first"}'].append(100 * iou)
        means = {key: sum(row) / len(row) for key, row in values.items()}
        if means:
            means['mean'] = sum(means.values()) / len(means)
        return means
