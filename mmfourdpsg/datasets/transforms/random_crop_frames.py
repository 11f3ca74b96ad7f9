"""Transform that crops a clip at random."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import Box, SceneGraph

from .random_generator import random_generator
from .scene_graph_geometry import with_size


@TRANSFORMS.register_module()
class RandomCropFrames(BaseTransform):
    """Cuts the same random window out of all frames of a clip.

    Of several random windows it takes the first that keeps every visible object in
    some frame, else the one that keeps most. Objects that vanish are dropped with
    their relations, and counted; those that were not visible before stay.

    Args:
        min_scale: Smallest share of height and of width that a window keeps.
        attempts: How many windows to try.
        prob: Probability of cropping.

    Changes ``img_shape``; adds ``num_dropped_objects`` and ``num_dropped_relations``.

    Raises:
        ValueError: It is used in test mode, where ground truth stays as it is.
    """

    def __init__(
        self, min_scale: float = 0.7, attempts: int = 10, prob: float = 0.5
    ) -> None:
        if not 0 < min_scale <= 1 or attempts < 1:
            raise ValueError('expected 0 < min_scale <= 1 and attempts >= 1')
        self.min_scale = min_scale
        self.attempts = attempts
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Crop the clip, or not."""
        if results.get('test_mode'):
            raise ValueError('RandomCropFrames is for training only')
        rng = random_generator(results)
        results.setdefault('num_dropped_objects', 0)
        results.setdefault('num_dropped_relations', 0)
        if rng.random() >= self.prob:
            return results
        graph = results.get('scene_graph')
        height, width = results['img_shape']
        places = {} if graph is None else self._places(results, graph)
        visible = self._visible(places, (0, height, 0, width))
        best, kept = None, set()
        for _ in range(self.attempts):
            window = self._sample(rng, (height, width))
            left = self._visible(places, window)
            if best is None or len(left) > len(kept):
                best, kept = window, left
            if kept == visible:
                break
        top, bottom, left, right = best
        for key in ('rgb', 'depth', 'points', 'panoptic_ids'):
            if key in results:
                results[key] = results[key][:, top:bottom, left:right]
        results['img_shape'] = (bottom - top, right - left)
        if graph is not None:
            smaller = graph.select_objects(
                item.id for item in graph.objects if item.id not in visible - kept
            )
            results['num_dropped_objects'] += len(visible - kept)
            results['num_dropped_relations'] += len(graph.relations) - len(
                smaller.relations
            )
            results['scene_graph'] = with_size(
                smaller, results['img_shape'], lambda box: _cut(box, best)
            )
        return results

    def _sample(
        self, rng: np.random.Generator, size: tuple[int, int]
    ) -> tuple[int, int, int, int]:
        window = []
        for length in size:
            part = max(1, round(length * rng.uniform(self.min_scale, 1)))
            start = int(rng.integers(0, length - part + 1))
            window += [start, start + part]
        return tuple(window)

    @staticmethod
    def _places(
        results: dict, graph: SceneGraph
    ) -> dict[int, tuple[np.ndarray | None, list[Box]]]:
        """Return where each object is in any frame: pixels ``[H, W]`` and boxes."""
        ids = results.get('panoptic_ids')  # [T, H, W]
        return {
            item.id: (
                None if ids is None else (ids == item.id).any(axis=0),
                list((item.boxes or {}).values()),
            )
            for item in graph.objects
        }

    @staticmethod
    def _visible(
        places: dict[int, tuple[np.ndarray | None, list[Box]]],
        window: tuple[int, int, int, int],
    ) -> set[int]:
        """Return the ids of the objects with a pixel or box in the window."""
        top, bottom, left, right = window
        return {
            object_id
            for object_id, (pixels, boxes) in places.items()
            if (pixels is not None and pixels[top:bottom, left:right].any())
            or any(_cut(box, window) for box in boxes)
        }

    def __repr__(self) -> str:
        return (
            f'RandomCropFrames(min_scale={self.min_scale}, attempts={self.attempts}, '
            f'prob={self.prob})'
        )


def _cut(box: Box, window: tuple[int, int, int, int]) -> Box | None:
    """Return a box in the coordinates of a window, None where it is outside."""
    top, bottom, left, right = window
    x1, x2 = (min(max(x, left), right) - left for x in (box[0], box[2]))
    y1, y2 = (min(max(y, top), bottom) - top for y in (box[1], box[3]))
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None
