"""Transform that leaves some relations of frequent kinds out of training texts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import Relation, SceneGraph

from .random_generator import random_generator


@TRANSFORMS.register_module()
class ThinRelations(BaseTransform):
    """Thins out the relations of a training video by how frequent their kind is.

    A relation of a kind that makes up the share ``f`` of all relations of the data set
    is kept with the probability ``min(1, (threshold / f) ** power)``. Where none is
    kept the one of the rarest kind stays; so a video that has relations keeps at least
    one. Objects stay as they are.

    The data set tells the shares when it is read. Mirroring may change kinds, so it has
    to come behind.

    Args:
        threshold: Share of a kind up to which all of its relations are kept.
        power: How fast the probability falls: with 1 no kind is written more often
            than one at the threshold, with 0 nothing is thinned.
        by: What a kind is: ``predicate``, or ``triplet`` with the categories of subject
            and object.

    Raises:
        ValueError: A setting that makes no sense; it is used in test mode, where ground
            truth stays as it is, or by something that has told it no shares.
    """

    def __init__(
        self, threshold: float = 0.05, power: float = 0.5, by: str = 'predicate'
    ) -> None:
        if by not in _KINDS:
            raise ValueError(f'by is {by!r}, expected one of {", ".join(_KINDS)}')
        if not 0 < threshold <= 1 or power < 0:
            raise ValueError('expected 0 < threshold <= 1 and power >= 0')
        self.threshold = threshold
        self.power = power
        self.by = by
        self._shares: dict[tuple[str, ...], float] | None = None

    def learn_graphs(self, graphs: Iterable[SceneGraph]) -> None:
        """Take note of how frequent each kind is in a data set."""
        kind = _KINDS[self.by]
        counts = Counter(
            kind(graph, row) for graph in graphs for row in graph.relations
        )
        self._shares = {key: count / counts.total() for key, count in counts.items()}

    def probability(self, graph: SceneGraph, relation: Relation) -> float:
        """Return how likely a relation is kept."""
        share = self._shares.get(_KINDS[self.by](graph, relation), 0.0)
        if share <= self.threshold:
            return 1.0
        return (self.threshold / share) ** self.power

    def transform(self, results: dict) -> dict:
        """Leave relations out of ``scene_graph``."""
        if results.get('test_mode'):
            raise ValueError('ThinRelations is for training only')
        if self._shares is None:
            raise ValueError('ThinRelations: no data set has told it its relations')
        graph = results.get('scene_graph')
        if graph is None or not graph.relations:
            return results
        chances = [self.probability(graph, row) for row in graph.relations]
        sampled = random_generator(results).random(len(chances))
        kept = [
            row
            for row, chance, value in zip(
                graph.relations, chances, sampled, strict=True
            )
            if value < chance
        ]
        if not kept:
            kept = [graph.relations[chances.index(max(chances))]]
        results['scene_graph'] = _with_relations(graph, kept)
        return results

    def __repr__(self) -> str:
        return (
            f'ThinRelations(threshold={self.threshold}, power={self.power}, '
            f'by={self.by!r})'
        )


def _predicate(_graph: SceneGraph, row: Relation) -> tuple[str, ...]:
    return (row.predicate,)


def _triplet(graph: SceneGraph, row: Relation) -> tuple[str, ...]:
    subject, obj = graph.object_by_id(row.subject), graph.object_by_id(row.object)
    return subject.category, row.predicate, obj.category


_KINDS: dict[str, Callable[[SceneGraph, Relation], tuple[str, ...]]] = dict(
    predicate=_predicate, triplet=_triplet
)


def _with_relations(graph: SceneGraph, relations: Sequence[Relation]) -> SceneGraph:
    return SceneGraph(
        graph.video_id,
        graph.height,
        graph.width,
        graph.num_frames,
        graph.objects,
        relations,
    )
