"""Descriptions of objects and reasons of relations, from what is known of a scene."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraph

from ..descriptions import (
    DESCRIPTION_WORDS,
    ObjectPhrases,
    RelationPhrases,
    clean_text,
    measure_scene,
)

__all__ = ['DESCRIPTION_WORDS', 'DescribeObjects']


@TRANSFORMS.register_module()
class DescribeObjects(BaseTransform):
    """Says what each object is like and why each pair may be related.

    Targets of the first two stages of chained inference (paper, section 3.2), which no
    data set holds: ``small, at the lower left, near, moving right`` of an object,
    ``they touch, the first is above`` of a relation. What is measured names no
    category. Its words are :data:`DESCRIPTION_WORDS`, and those of attributes.

    It looks at ``panoptic_ids`` and ``depth`` of the sampled frames, else at the tubes
    or boxes of the graph, and says nothing of what none of them shows. Geometric
    transforms have to be done before, so that left is left. A description that an
    object has already comes after its own words; a reason that is there stays.

    Args:
        objects: Thresholds of :class:`ObjectPhrases`.
        relations: Thresholds of :class:`RelationPhrases`.
        max_rows: Rows of the grid in which masks and depth are looked at; a thing
            smaller than its cells may be missed.
        max_frames: How many frames are looked at where none were sampled.
        same_depth: Up to which share of it two depths are the same, so that masks that
            adjoin touch.
    """

    def __init__(
        self,
        objects: Mapping[str, Any] | None = None,
        relations: Mapping[str, Any] | None = None,
        max_rows: int = 48,
        max_frames: int = 8,
        same_depth: float = 0.05,
    ) -> None:
        super().__init__()
        self.objects = dict(objects or {})
        self.relations = dict(relations or {})
        self.measuring = dict(
            max_rows=max_rows, max_frames=max_frames, same_depth=same_depth
        )
        self._object_phrases = ObjectPhrases(**self.objects)
        self._relation_phrases = RelationPhrases(**self.relations)

    def transform(self, results: dict) -> dict:
        """Fill descriptions and reasons of ``scene_graph``."""
        if 'scene_graph' not in results:
            return results
        graph = results['scene_graph']
        measures = measure_scene(
            graph,
            results.get('frame_indices'),
            results.get('panoptic_ids'),
            results.get('depth'),
            **self.measuring,
        )
        objects = []
        for number, item in enumerate(graph.objects):
            phrases = (
                self._object_phrases.describe(
                    measures, number, item.category, item.attributes
                ),
                clean_text(item.description),
            )
            text = ', '.join(phrase for phrase in phrases if phrase)
            objects.append(replace(item, description=text))
        places = {item.id: number for number, item in enumerate(graph.objects)}
        relations = [
            replace(
                row,
                reason=clean_text(row.reason)
                or self._relation_phrases.explain(
                    measures, places[row.subject], places[row.object], row.span
                ),
            )
            for row in graph.relations
        ]
        results['scene_graph'] = SceneGraph(
            graph.video_id,
            graph.height,
            graph.width,
            graph.num_frames,
            objects,
            relations,
        )
        return results

    def __repr__(self) -> str:
        options = ', '.join(f'{key}={value}' for key, value in self.measuring.items())
        return (
            f'DescribeObjects(objects={self.objects}, relations={self.relations}, '
            f'{options})'
        )
