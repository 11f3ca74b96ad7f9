"""Recall of the stages of chained inference, one after the other."""

import math
from collections.abc import Callable, Sequence

from mmfourdpsg.structures import Relation, SceneGraph

from ..labels import LabelMatcher
from .evaluate import pair_videos
from .object_matching import match_objects
from .recall import recall_at_k
from .relation_match import RelationMatch, rank_relations
from .strict_matching import match_strict

STAGES = ('objects', 'pairs', 'triplets', 'quintuples')


def stage_recall(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    k: int = 20,
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> dict[str, float]:
    """Return R@K of every stage of chained inference (paper, Table 4), in percent.

    Each stage asks for all that the one before does, and one thing more:

    - ``objects``: category and volume IoU, see :func:`match_objects`; the K objects
      with the best scores count;
    - ``pairs``: which two objects, in this order, are related at all; the first K pairs
      count, a pair at the rank of its best relation;
    - ``triplets``: how they are;
    - ``quintuples``: and from when to when: the strict protocol.

    Before the last stage tubes are compared over the whole video, not over spans.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        k: Number of predictions at which recall is cut.
        threshold: Least IoU of tubes, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        Stage -> recall; nan where there is no ground truth.

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    found = total = 0
    matches: dict[str, list[RelationMatch]] = {stage: [] for stage in STAGES[1:]}
    for wanted, given in pair_videos(ground_truth, predictions):
        ranks = match_objects(wanted, given, threshold, labels).values()
        total += len(ranks)
        found += sum(rank is not None and rank < k for rank in ranks)
        for stage, simplify in (
            ('pairs', _pairs),
            ('triplets', _triplets),
            ('quintuples', lambda graph: graph),
        ):
            match = match_strict(
                simplify(wanted),
                None if given is None else simplify(given),
                threshold,
                max_rank=k,
                labels=labels,
            )
            matches[stage].append(match)
    recalls = {'objects': 100 * found / total if total else math.nan}
    return recalls | {name: recall_at_k(rows, k) for name, rows in matches.items()}


def _triplets(graph: SceneGraph) -> SceneGraph:
    """Return the graph with relations that always hold."""
    return _replace(graph, lambda row: row.predicate)


def _pairs(graph: SceneGraph) -> SceneGraph:
    """Return the graph with one relation for each pair that has some."""
    return _replace(graph, lambda _: 'related to')


def _replace(graph: SceneGraph, predicate: Callable[[Relation], str]) -> SceneGraph:
    # Every tube's every frame, however far past the end.
    last = max(
        [graph.num_frames - 1]
        + [item.tube.frames[-1] for item in graph.objects if item.tube]
    )
    # In the order of their ranks: rows that become one stand where the best one stood.
    rows = [
        Relation(row.subject, predicate(row), row.object, [(0, last)], row.score)
        for row in rank_relations(graph)
    ]
    return SceneGraph(
        graph.video_id, graph.height, graph.width, graph.num_frames, graph.objects, rows
    ).unite_relations()
