"""Metrics of pretraining, and the counts that they sum up."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from torch import Tensor

from mmfourdpsg.models.tube_decoders.training_clip import TrainingClip
from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample

PERCENT = (
    'name_accuracy_rgb',
    'name_accuracy_depth',
    'patch_name_accuracy_rgb',
    'retrieval_rgb_to_depth',
    'instance_accuracy',
)


class _SampleMetric(BaseMetric):
    """Keeps one entry of each data sample.

    Attributes:
        key: Name of the entry.
    """

    key: str

    def process(self, data_batch: Any, data_samples: Sequence) -> None:
        """Keep the entry of each video.

        Args:
            data_batch: Unused.
            data_samples: Data samples, or dictionaries of them as MMEngine's
                evaluator hands them on.
        """
        for sample in data_samples:
            if isinstance(sample, SceneGraphDataSample):
                sample = sample.to_dict()
            self.results.append(sample[self.key])


@METRICS.register_module()
class FeatureMetric(_SampleMetric):
    """Accuracies of features in percent, and the error of log-depth.

    - ``name_accuracy_rgb``, ``name_accuracy_depth``: objects in frames whose best name
      is theirs, by the features of either modality.
    - ``patch_name_accuracy_rgb``: patches whose best name is that of their object.
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
    key = 'feature_counts'

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


@METRICS.register_module()
class PromptedSegmentationMetric(_SampleMetric):
    """Mean IoU in percent by kind of prompt, in the first frame and in later ones.

    Every object counts in every frame that shows it: ``box_first``, ``box_later`` and
    so on, and ``mean`` of them all, each kind and part with the same weight.
    """

    default_prefix = 'segmentation'
    key = 'prompted_ious'

    def compute_metrics(
        self, results: list[list[tuple[str, int, float]]]
    ) -> dict[str, float]:
        """Return the means; without results there are none."""
        values: dict[str, list[float]] = defaultdict(list)
        for kind, frame, iou in chain.from_iterable(results):
            values[f'{kind}_{"later" if frame else "first"}'].append(100 * iou)
        means = {key: sum(row) / len(row) for key, row in values.items()}
        if means:
            means['mean'] = sum(means.values()) / len(means)
        return means


@METRICS.register_module()
class SceneGraphTextMetric(_SampleMetric):
    """``perplexity`` a token, and ``token_accuracy`` in percent.

    Args:
        key: What holds the likelihood of a data sample's text.
        options: Those of :class:`mmengine.evaluator.BaseMetric`.
    """

    default_prefix = 'text'

    def __init__(self, key: str = 'text_likelihood', **options: Any) -> None:
        super().__init__(**options)
        self.key = key

    def compute_metrics(
        self, results: list[tuple[float, int, int]]
    ) -> dict[str, float]:
        """Return both, over all tokens of all texts."""
        loss, count, right = (sum(column) for column in zip(*results, strict=True))
        return dict(
            perplexity=math.exp(loss / count), token_accuracy=100 * right / count
        )


def name_counts(logits: Tensor, labels: Tensor, shown: Tensor) -> tuple[int, int]:
    """Count objects whose best name is theirs.

    Args:
        logits: ``[F, M, K]`` for K names.
        labels: int64 ``[F, M]``.
        shown: bool ``[F, M]``, the objects that count.

    Returns:
        tuple[int, int]: Right ones, and all.
    """
    right = (logits.argmax(dim=-1) == labels) & shown
    return int(right.sum()), int(shown.sum())


def retrieval_counts(rgb: Tensor, depth: Tensor) -> tuple[int, int]:
    """Count patches whose most similar depth patch is their own.

    Args:
        rgb: Unit vectors ``[P, W]`` of P patches.
        depth: Unit vectors ``[P, W]`` of the same patches.

    Returns:
        tuple[int, int]: Found ones, and all. A patch that ties with another is not
        found.
    """
    if len(rgb) == 0:
        return 0, 0
    similarity = rgb @ depth.T  # [P, P]
    own = similarity.diagonal().clone()
    similarity.fill_diagonal_(-2.0)  # below every cosine
    return int((own > similarity.amax(dim=1)).sum()), len(rgb)


def log_depth_error(
    prediction: Tensor, target: Tensor, known: Tensor
) -> tuple[float, int]:
    """Sum absolute errors of log-depth.

    Args:
        prediction: ``[F, gh, gw, 3]``, see :class:`PatchGeometry`.
        target: Likewise.
        known: bool ``[F, gh, gw, 3]``.

    Returns:
        tuple[float, int]: Sum over patches of known depth, and their number.
    """
    error = (prediction[..., 0].float() - target[..., 0]).abs()
    known = known[..., 0]
    return float(error[known].sum()), int(known.sum())


def prompted_ious(
    kinds: Sequence[str], logits: Tensor, score: Tensor, clip: TrainingClip
) -> list[tuple[str, int, float]]:
    """Compare raw masks with a clip's targets, gated by the object score.

    Args:
        kinds: Name of each object's kind of prompt, ``n`` of them.
        logits: Raw masks ``[n, K, S/4, S/4]``.
        score: Logits of the object score ``[n, K]``.
        clip: The ``n`` objects in ``K`` frames.

    Returns:
        list[tuple[str, int, float]]: Kind, frame in the clip, and IoU of each object in
        each frame that shows it.
    """
    size = clip.targets.shape[-2:]
    found = F.interpolate(logits, size, mode='bilinear') > 0
    found &= (score > 0)[..., None, None]
    target = clip.targets > 0.5
    overlap = (found & target).sum(dim=(2, 3))
    union = (found | target).sum(dim=(2, 3))
    return [
        (kinds[n], k, float(overlap[n, k] / union[n, k]))
        for n, k in (clip.present & (union > 0)).nonzero().tolist()
    ]
