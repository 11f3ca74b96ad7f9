"""How well the text of scene graphs is foreseen."""

import math
from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample


@METRICS.register_module()
class SceneGraphTextMetric(BaseMetric):
    """``perplexity`` a token, and ``token_accuracy`` in percent.

    Args:
        key: What holds the likelihood of a data sample's text.
        options: Those of :class:`mmengine.evaluator.BaseMetric`.
    """

    default_prefix = 'text'

    def __init__(self, key: str = 'text_likelihood', **options: Any) -> None:
        super().__init__(**options)
        self.key = key

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep the likelihood of each video's text.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append(sample[self.key])

    def compute_metrics(
        self, results: list[tuple[float, int, int]]
    ) -> dict[str, float]:
        """Return both, over all tokens of all texts."""
        loss, count, right = (sum(column) for column in zip(*results, strict=True))
        return dict(
            perplexity=math.exp(loss / count), token_accuracy=100 * right / count
        )
