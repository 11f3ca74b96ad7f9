"""Transform that puts the objects of a scene into a fixed order."""

from collections.abc import Iterable

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraph, SceneObject

from ..present_ids import numbered_ids


@TRANSFORMS.register_module()
class OrderObjects(BaseTransform):
    """Puts the objects of a training clip into an order that can be seen.

    A text mentions objects in the order of the graph. The order of an annotation is
    that in which somebody happened to write, which no model can foresee; this one
    goes from left to right, by the centroid of an object in the first sampled frame
    that shows it, or by the centre of its first box where no masks are loaded, as in
    Visual Genome. Objects that no sampled frame shows come last, as annotated.

    Geometric transforms have to be done before.

    Args:
        by_category: Whether objects go by the names of their categories first, and
            from left to right within one. To go on from a name, a model then has to
            know which names are left to be found, not where it has looked before.
    """

    def __init__(self, by_category: bool = False) -> None:
        super().__init__()
        self.by_category = by_category

    def transform(self, results: dict) -> dict:
        """Order the objects of ``scene_graph``."""
        if 'scene_graph' not in results:
            return results
        graph = results['scene_graph']
        if 'panoptic_ids' in results:
            columns = _centroids(results['panoptic_ids'])
        else:
            columns = _box_centres(graph)

        def place(item: SceneObject) -> tuple[str, float]:
            name = item.category if self.by_category else ''
            return name, columns.get(item.id, float('inf'))

        results['scene_graph'] = SceneGraph(
            graph.video_id,
            graph.height,
            graph.width,
            graph.num_frames,
            sorted(graph.objects, key=place),
            graph.relations,
        )
        return results

    def __repr__(self) -> str:
        return f'OrderObjects(by_category={self.by_category})'


def _centroids(panoptic_ids: Iterable[np.ndarray]) -> dict[int, float]:
    """Return the mean column of each object's pixels where it is first seen."""
    columns: dict[int, float] = {}
    for ids in panoptic_ids:  # [h, w]
        names, flat = numbered_ids(ids)
        pixels = np.bincount(flat)
        place = np.broadcast_to(np.arange(ids.shape[1]), ids.shape).ravel()
        sums = np.bincount(flat, weights=place)
        for object_id, column in zip(names, sums / pixels, strict=True):
            columns.setdefault(object_id, column)
    return columns


def _box_centres(graph: SceneGraph) -> dict[int, float]:
    """Return the middle column of the first box of each object that has one."""
    first = {
        item.id: item.boxes[min(item.boxes)] for item in graph.objects if item.boxes
    }
    return {object_id: (box[0] + box[2]) / 2 for object_id, box in first.items()}
