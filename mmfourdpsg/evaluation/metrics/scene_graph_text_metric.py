"""How well the text of scene graphs is foreseen."""

import math
from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample


@METRICS.register_module()
class SceneGraphTextMetric(BaseMetric):
    """``perplexity`` a token, and ``token_accuracy`` in percent."""

    default_prefix = 'text'

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep ``text_likelihood`` of each video.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append(sample['text_likelihood'])

    def compute_metrics(
        self, results: list[tuple[float, int, int]]
    ) -> dict[str, float]:
        """Return both, over all tokens of all texts."""
        loss, count, right = (sum(column) for column in zip(*results, strict=True))
        return dict(
            perplexity=math.exp(loss / count), token_accuracy=100 * right / count
        )
