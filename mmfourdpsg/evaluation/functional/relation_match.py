"""Record of which predictions match which relations of a video."""

from dataclasses import dataclass

from mmfourdpsg.structures import Relation, SceneGraph
from mmfourdpsg.utils import InputError


@dataclass
class RelationMatch:
    """How the relations of a video were matched.

    Attributes:
        graph: The ground truth.
        ranks: For each of its relations the rank (from 0) of the first prediction
            that found it, or None.
    """

    graph: SceneGraph
    ranks: list[int | None]


def rank_relations(graph: SceneGraph) -> list[Relation]:
    """Return a graph's relations, best score first; ties keep their order."""
    return sorted(graph.relations, key=lambda row: -(row.score or 0.0))


def check_same_size(ground_truth: SceneGraph, prediction: SceneGraph) -> None:
    """Check that two graphs are of frames of one size.

    Raises:
        InputError: They differ in height or width.
    """
    sizes = [(g.height, g.width) for g in (ground_truth, prediction)]
    if sizes[0] != sizes[1]:
        raise InputError(
            f'video {ground_truth.video_id!r}: the prediction is {sizes[1][0]} x '
            f'{sizes[1][1]} pixels, expected {sizes[0][0]} x {sizes[0][1]}'
        )
