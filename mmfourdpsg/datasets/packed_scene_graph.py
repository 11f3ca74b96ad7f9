"""Scene graph packed into bytes, for the index that loader workers share."""

import pickle

from mmfourdpsg.structures import Relation, SceneGraph, SceneObject


class PackedSceneGraph:
    """Holds a scene graph as one string of bytes.

    An index of 100,000 images has millions of objects, which as Python objects would
    take gigabytes in every worker.

    Args:
        graph: The graph, whose objects have no tubes.

    Attributes:
        num_relations: Number of its relations.

    Raises:
        ValueError: An object has a tube.
    """

    __slots__ = ('_content', 'num_relations')

    def __init__(self, graph: SceneGraph) -> None:
        if any(item.tube is not None for item in graph.objects):
            raise ValueError('a packed graph has no tubes')
        self.num_relations = len(graph.relations)
        self._content = pickle.dumps(
            (
                graph.video_id,
                (graph.height, graph.width, graph.num_frames),
                [
                    (
                        item.id,
                        item.category,
                        item.is_thing,
                        item.score,
                        None,
                        item.boxes,
                        item.attributes,
                        item.description,
                    )
                    for item in graph.objects
                ],
                [
                    (
                        row.subject,
                        row.predicate,
                        row.object,
                        row.span,
                        row.score,
                        row.reason,
                    )
                    for row in graph.relations
                ],
            ),
            protocol=5,
        )

    def unpack(self) -> SceneGraph:
        """Return the graph."""
        video_id, size, objects, relations = pickle.loads(self._content)
        return SceneGraph(
            video_id,
            *size,
            [SceneObject(*row) for row in objects],
            [Relation(*row) for row in relations],
        )
