"""Transform that mirrors a clip and swaps left and right in its predicates."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

from ..descriptions.words import swap_ends
from .random_generator import random_generator
from .scene_graph_geometry import with_size


@TRANSFORMS.register_module()
class RandomHorizontalFlip(BaseTransform):
    """Mirrors colours, depth, points, masks and boxes, and what relations say of sides.

    Of relations that are their predicates and reasons, of objects descriptions and
    attributes. Words are swapped as wholes: ``to the left of`` becomes ``to the right
    of``, while ``leftover`` stays.

    Args:
        prob: Probability of mirroring a clip.
        swap_words: Pairs of words that mirroring exchanges in predicates.
        swap_objects: Predicates whose relations keep their words while subject and
            object change places: of a data set that says ``to the left of`` and never
            ``to the right of``, or names the left one first of two that are ``next
            to`` each other.

    Adds ``flip``: whether the clip is mirrored.

    Raises:
        ValueError: It is used in test mode, where ground truth stays as it is.
    """

    def __init__(
        self,
        prob: float = 0.5,
        swap_words: Sequence[Sequence[str]] = (
            ('left', 'right'),
            ('leftmost', 'rightmost'),
            ('leftward', 'rightward'),
            ('leftwards', 'rightwards'),
        ),
        swap_objects: Sequence[str] = (),
    ) -> None:
        self.prob = prob
        self.swap_words = swap_words
        self.swap_objects = tuple(swap_objects)
        self._swaps = {a: b for pair in swap_words for a, b in (pair, pair[::-1])}
        words = '|'.join(re.escape(word) for word in self._swaps) or r'(?!)'
        # Not \b, for which an underscore is a letter.
        self._pattern = re.compile(rf'(?<![a-z0-9])(?:{words})(?![a-z0-9])')

    def swap(self, predicate: str) -> str:
        """Return what a predicate, or any text, says in the mirror."""
        return self._pattern.sub(lambda match: self._swaps[match[0]], predicate)

    def mirror(self, relation: Relation) -> Relation:
        """Return what a relation is in the mirror."""
        relation = replace(relation, reason=self.swap(relation.reason))
        if relation.predicate in self.swap_objects:
            return replace(
                relation,
                subject=relation.object,
                object=relation.subject,
                reason=swap_ends(relation.reason),
            )
        return replace(relation, predicate=self.swap(relation.predicate))

    def _mirror_words(self, item: SceneObject) -> SceneObject:
        return replace(
            item,
            attributes=tuple(self.swap(word) for word in item.attributes),
            description=self.swap(item.description),
        )

    def transform(self, results: dict) -> dict:
        """Mirror the clip, or not."""
        if results.get('test_mode'):
            raise ValueError('RandomHorizontalFlip is for training only')
        results['flip'] = bool(random_generator(results).random() < self.prob)
        if not results['flip']:
            return results
        for key in ('rgb', 'depth', 'points', 'panoptic_ids'):
            if key in results:
                results[key] = np.flip(results[key], axis=2)  # [T, H, W, ...]
        if 'points' in results:
            results['points'] = results['points'] * np.float32([-1, 1, 1])
        if 'scene_graph' in results:
            height, width = results['img_shape']
            graph = results['scene_graph']
            mirrored = with_size(
                graph,
                (height, width),
                lambda box: (width - box[2], box[1], width - box[0], box[3]),
                [self.mirror(relation) for relation in graph.relations],
            )
            results['scene_graph'] = SceneGraph(
                mirrored.video_id,
                height,
                width,
                mirrored.num_frames,
                [self._mirror_words(item) for item in mirrored.objects],
                mirrored.relations,
            )
        return results

    def __repr__(self) -> str:
        return (
            f'RandomHorizontalFlip(prob={self.prob}, swap_words={self.swap_words}, '
            f'swap_objects={self.swap_objects})'
        )
