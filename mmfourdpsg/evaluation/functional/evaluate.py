"""Evaluation of a data set's predictions."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from .recall import mean_recall_at_k, recall_at_k
from .strict_matching import StrictMatch, match_strict

PROTOCOLS = ('strict',)


@dataclass
class Evaluation:
    """What an evaluation found.

    Attributes:
        metrics: ``R@K`` and ``mR@K`` for each K, in percent.
        matches: The match of each ground-truth video.
    """

    metrics: dict[str, float]
    matches: list[StrictMatch]


def evaluate_scene_graphs(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    topk: Sequence[int] = (20, 50, 100),
    protocol: str = 'strict',
) -> Evaluation:
    """Score predictions.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions; a video without one counts as missed, and how
            many there are is told in a warning.
        topk: The numbers of predictions at which recall is cut.
        protocol: One of :data:`PROTOCOLS`.

    Returns:
        The evaluation.

    Raises:
        InputError: The protocol is unknown, K is not positive, a prediction is of a
            video that the ground truth does not have or of another size.
    """
    if protocol not in PROTOCOLS:
        raise InputError(f'protocol is {protocol!r}, expected one of {list(PROTOCOLS)}')
    if not topk or min(topk) < 1:
        raise InputError(f'topk is {list(topk)}, expected numbers of at least 1')
    by_video = {graph.video_id: graph for graph in predictions}
    unknown = sorted(by_video.keys() - {graph.video_id for graph in ground_truth})
    if unknown:
        raise InputError(
            f'{len(unknown)} predicted videos are not in the ground truth, the first '
            f'is {unknown[0]!r}'
        )
    missing = sum(graph.video_id not in by_video for graph in ground_truth)
    if missing:
        warnings.warn(
            f'{missing} of {len(ground_truth)} videos have no prediction and count as '
            'missed',
            stacklevel=2,
        )
    matches = [
        match_strict(graph, by_video.get(graph.video_id), max_rank=max(topk))
        for graph in ground_truth
    ]
    metrics = {}
    for k in topk:
        metrics[f'R@{k}'] = recall_at_k(matches, k)
        metrics[f'mR@{k}'] = mean_recall_at_k(matches, k)
    return Evaluation(metrics, matches)
