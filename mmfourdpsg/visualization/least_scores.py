"""Least scores of the objects and relations that are shown."""

from typing import NamedTuple

from mmfourdpsg.structures import SceneGraph


class LeastScores(NamedTuple):
    """Least scores of what is shown to a person; without a score all is.

    Attributes:
        objects: Of objects, in 0..1.
        relations: Of relations, in 0..1; their objects have to be shown, too.
    """

    objects: float = 0.0
    relations: float = 0.0

    def select(self, graph: SceneGraph) -> SceneGraph:
        """Return the graph of what is shown."""
        shown = {
            item.id
            for item in graph.objects
            if item.score is None or item.score >= self.objects
        }
        rows = [
            row
            for row in graph.relations
            if {row.subject, row.object} <= shown
            and (row.score is None or row.score >= self.relations)
        ]
        return SceneGraph(
            graph.video_id,
            graph.height,
            graph.width,
            graph.num_frames,
            [item for item in graph.objects if item.id in shown],
            rows,
        )


ALL = LeastScores()
"""Shows everything."""
