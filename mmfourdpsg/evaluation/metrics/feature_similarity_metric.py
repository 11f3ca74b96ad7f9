"""MMEngine metric: similarity of estimated features to gold ones."""

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from mmengine.evaluator import BaseMetric
from torch import Tensor

from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils import atomic_write

from ..functional import SimilarityDistribution


@METRICS.register_module()
class FeatureSimilarityMetric(BaseMetric):
    """Distribution of the cosines of estimated features and gold ones (Fig. 4).

    For each kind of feature: ``mean``, ``median`` and ``p10``, the cosine that a tenth
    of the features stays below, as ``<kind>_mean`` and so on.

    Args:
        outfile: Also write the distributions to this file, for
            ``tools/analysis_tools/plot_feature_similarity.py``.
        collect_device: Where results of several processes meet, ``cpu`` or ``gpu``.
        prefix: Prefix of the metrics' names.
    """

    default_prefix = 'similarity'

    def __init__(
        self,
        outfile: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.outfile = outfile

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep ``feature_similarity`` of each video.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on; ``feature_similarity`` is kind -> cosines
                ``[M]`` or their :class:`SimilarityDistribution`.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append(
                {
                    kind: SimilarityDistribution.of(value)
                    if isinstance(value, Tensor)
                    else value
                    for kind, value in sample['feature_similarity'].items()
                }
            )

    def compute_metrics(
        self, results: list[Mapping[str, SimilarityDistribution]]
    ) -> dict[str, float]:
        """Unite the distributions of all videos."""
        kinds = dict.fromkeys(kind for row in results for kind in row)
        united = {
            kind: reduce(add, [row[kind] for row in results if kind in row])
            for kind in kinds
        }
        if self.outfile is not None:
            with atomic_write(self.outfile) as path:
                content = {kind: item.to_dict() for kind, item in united.items()}
                path.write_text(json.dumps(content) + '\n', encoding='utf-8')
        metrics = {}
        for kind, item in united.items():
            metrics[f'{kind}_mean'] = item.mean
            metrics[f'{kind}_median'] = item.quantile(0.5)
            metrics[f'{kind}_p10'] = item.quantile(0.1)
        return metrics
