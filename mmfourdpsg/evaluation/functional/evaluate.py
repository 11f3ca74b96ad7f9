"""Evaluation of a data set's predictions by recall at K."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from ..labels import ExactLabelMatcher, LabelMatcher
from .openpvsg_matching import match_openpvsg
from .recall import mean_recall_at_k, recall_at_k
from .relation_match import RelationMatch
from .strict_matching import match_strict

_MATCHERS = dict(strict=match_strict, openpvsg=match_openpvsg)
PROTOCOLS = tuple(_MATCHERS)


@dataclass
class Evaluation:
    """What an evaluation found.

    Attributes:
        metrics: ``R@K`` and ``mR@K`` for each K, in percent.
        matches: The match of each ground-truth video.
        protocol: How predictions were matched.
        labels: How their labels were compared.
    """

    metrics: dict[str, float]
    matches: list[RelationMatch]
    protocol: str
    labels: str


def check_topk(topk: Sequence[int]) -> None:
    """Check the numbers of predictions at which recall is cut.

    Raises:
        InputError: A K is not positive, or there is none.
    """
    if not topk or min(topk) < 1:
        raise InputError(f'topk is {list(topk)}, expected numbers of at least 1')


def check_options(topk: Sequence[int], protocol: str) -> None:
    """Check what :func:`evaluate_scene_graphs` is asked for.

    Raises:
        InputError: The protocol is unknown, or a K is not positive.
    """
    if protocol not in PROTOCOLS:
        raise InputError(f'protocol is {protocol!r}, expected one of {list(PROTOCOLS)}')
    check_topk(topk)


def pair_videos(
    ground_truth: Sequence[SceneGraph], predictions: Sequence[SceneGraph]
) -> list[tuple[SceneGraph, SceneGraph | None]]:
    """Find the prediction of each ground-truth video.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions; a video without one counts as missed, and how
            many there are is told in a warning.

    Returns:
        Ground truth and prediction, or None, of each ground-truth video.

    Raises:
        InputError: A video has two graphs, or a prediction is of a video that the
            ground truth does not have.
    """
    by_video: list[dict[str, SceneGraph]] = []
    for name, graphs in (('ground truth', ground_truth), ('prediction', predictions)):
        by_video.append({graph.video_id: graph for graph in graphs})
        if len(by_video[-1]) != len(graphs):
            ids = [graph.video_id for graph in graphs]
            twice = next(i for i in ids if ids.count(i) > 1)
            raise InputError(f'{name}: video {twice!r} occurs twice, expected once')
    unknown = sorted(by_video[1].keys() - by_video[0].keys())
    if unknown:
        raise InputError(
            f'{len(unknown)} predicted videos are not in the ground truth, the first '
            f'is {unknown[0]!r}'
        )
    missing = sum(graph.video_id not in by_video[1] for graph in ground_truth)
    if missing:
        warnings.warn(
            f'{missing} of {len(ground_truth)} videos have no prediction and count as '
            'missed',
            stacklevel=3,
        )
    return [(graph, by_video[1].get(graph.video_id)) for graph in ground_truth]


def evaluate_scene_graphs(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    topk: Sequence[int] = (20, 50, 100),
    protocol: str = 'strict',
    labels: LabelMatcher | None = None,
) -> Evaluation:
    """Score predictions.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        topk: The numbers of predictions at which recall is cut.
        protocol: One of :data:`PROTOCOLS`.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        The evaluation.

    Raises:
        InputError: The protocol is unknown, K is not positive, a video has two
            graphs, a prediction is of a video that the ground truth does not have or
            of another size.
    """
    check_options(topk, protocol)
    labels = labels or ExactLabelMatcher()
    matches = [
        _MATCHERS[protocol](*pair, max_rank=max(topk), labels=labels)
        for pair in pair_videos(ground_truth, predictions)
    ]
    metrics = {}
    for k in topk:
        metrics[f'R@{k}'] = recall_at_k(matches, k)
        metrics[f'mR@{k}'] = mean_recall_at_k(matches, k)
    return Evaluation(metrics, matches, protocol, labels.description)
