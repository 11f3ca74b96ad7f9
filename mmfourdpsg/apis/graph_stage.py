"""What is known of a recording's scene graph after a stage of inference."""

from dataclasses import dataclass

from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.visualization import object_names


@dataclass(frozen=True)
class GraphStage:
    """A recording's scene graph as far as it is known.

    Attributes:
        name: What the stage found out: in chained inference ``objects``, ``pairs``,
            ``relations``, ``times``.
        number: Which one it is, from 1.
        num_stages: How many there are.
        graph: The graph so far: objects with their mask tubes from the first stage on,
            relations when they are known. Until their times are, they hold throughout.
        pairs: Why objects are thought to be related, by the ids of subject and object;
            empty until the pairs are known, and in inference without them.
        text: What the model has said so far.
    """

    name: str
    number: int
    num_stages: int
    graph: SceneGraph
    pairs: dict[tuple[int, int], str]
    text: str

    @classmethod
    def of_sample(
        cls, name: str, number: int, num_stages: int, sample: SceneGraphDataSample
    ) -> 'GraphStage':
        """Return what a data sample holds after a stage."""
        return cls(
            name,
            number,
            num_stages,
            sample.pred_scene_graph,
            dict(sample.get('generated_pairs') or {}),
            sample.get('generated_text') or '',
        )

    def news(self, before: 'GraphStage | None' = None) -> list[str]:
        """Return what was not known before, a line for each object, pair and relation.

        Args:
            before: The stage before; None of the first.
        """
        names = object_names(self.graph)
        lines = []
        if before is None or before.graph.objects != self.graph.objects:
            lines += [
                _object_line(names[item.id], item, self.graph)
                for item in self.graph.objects
            ]
        if before is None or before.pairs != self.pairs:
            lines += [
                _with(f'{names[subject]} and {names[obj]}', reason)
                for (subject, obj), reason in self.pairs.items()
            ]
        if before is None or before.graph.relations != self.graph.relations:
            lines += [
                _relation_line(names, row, self.graph) for row in self.graph.relations
            ]
        return lines


def _object_line(name: str, item: SceneObject, graph: SceneGraph) -> str:
    if item.tube is not None:
        name += f', in {len(item.tube.frames)} of {graph.num_frames} frames'
    return _with(name, item.description, item.score)


def _relation_line(names: dict[int, str], row: Relation, graph: SceneGraph) -> str:
    said = f'{names[row.subject]} {row.predicate} {names[row.object]}'
    if row.span != [(0, graph.num_frames - 1)]:
        said += ', frames ' + ', '.join(
            f'{first} to {last}' for first, last in row.span
        )
    return _with(said, '', row.score)


def _with(said: str, why: str, score: float | None = None) -> str:
    """Return a line with a score and what else is said, where there is any."""
    if score is not None:
        said += f' ({score:.2f})'
    return f'{said}: {why}' if why else said
