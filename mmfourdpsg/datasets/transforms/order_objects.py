"""A fixed order for the objects of a scene."""

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
    that shows it. Objects that no sampled frame shows come last, as annotated.

    Masks have to be loaded, and geometric transforms to be done.

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
        if 'scene_graph' not in results or 'panoptic_ids' not in results:
            return results
        graph = results['scene_graph']
        columns: dict[int, float] = {}
        for ids in results['panoptic_ids']:  # [h, w]
            names, flat = numbered_ids(ids)
            pixels = np.bincount(flat)
            place = np.broadcast_to(np.arange(ids.shape[1]), ids.shape).ravel()
            sums = np.bincount(flat, weights=place)
            for object_id, column in zip(names, sums / pixels, strict=True):
                columns.setdefault(object_id, column)

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
