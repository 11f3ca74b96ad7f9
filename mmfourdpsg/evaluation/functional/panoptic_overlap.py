"""Overlap of the panoptic segmentations of two scene graphs of a video."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import SceneGraph

from .relation_match import check_same_size


@dataclass
class PanopticOverlap:
    """Pixels that objects share in each frame of a video.

    A panoptic segmentation gives each pixel to one object at most: where tubes overlap
    it is that with the best score, the first of equal ones.

    Shapes: ``T`` frames in which some object is, ``G`` objects of the ground truth,
    ``P`` predicted ones.

    Attributes:
        num_frames: Frames of the video, as many as its ground truth says.
        frames: The ``T`` frames, ascending.
        counts: int64 ``[T, G + 1, P + 1]`` pixels, row 0 those that the ground truth
            gives to no object (void), column 0 the same of the prediction.
        wanted: Category of each object of the ground truth, ``G``.
        found: The same of the prediction, ``P``.
        things: Whether each object of the ground truth is a thing, ``G``.
    """

    num_frames: int
    frames: list[int]
    counts: np.ndarray
    wanted: list[str]
    found: list[str]
    things: list[bool]

    @classmethod
    def of(
        cls, ground_truth: SceneGraph, prediction: SceneGraph | None
    ) -> 'PanopticOverlap':
        """Measure a video; no prediction counts as an empty one.

        Frames from the ground truth's ``num_frames`` on are not looked at.

        Raises:
            InputError: The two graphs differ in height or width.
        """
        if prediction is not None:
            check_same_size(ground_truth, prediction)
        wanted = ground_truth.objects
        found = prediction.objects if prediction is not None else []
        shape = (len(wanted) + 1, len(found) + 1)
        seen = {
            frame for item in (*wanted, *found) if item.tube for frame in item.tube.rles
        }
        frames = sorted(frame for frame in seen if frame < ground_truth.num_frames)
        counts = np.zeros((len(frames), *shape), np.int64)
        for index, frame in enumerate(frames):
            rows = _paint(ground_truth, frame)
            columns = _paint(prediction, frame) if prediction is not None else 0
            pairs = rows * shape[1] + columns
            counts[index] = np.bincount(
                pairs.ravel(), minlength=shape[0] * shape[1]
            ).reshape(shape)
        return cls(
            ground_truth.num_frames,
            frames,
            counts,
            [item.category for item in wanted],
            [item.category for item in found],
            [item.is_thing for item in wanted],
        )

    def windows(self, length: int) -> Iterator[np.ndarray]:
        """Yield the pixels ``[G + 1, P + 1]`` of each window with an object in it.

        Args:
            length: Frames of a window; a shorter video is one window.
        """
        length = min(length, self.num_frames)
        last = self.num_frames - length
        starts = {
            start
            for frame in self.frames
            for start in range(max(frame - length + 1, 0), min(frame, last) + 1)
        }
        sums = np.concatenate([np.zeros_like(self.counts[:1]), self.counts]).cumsum(0)
        for start in sorted(starts):
            first = bisect_left(self.frames, start)
            yield sums[bisect_left(self.frames, start + length)] - sums[first]


def _paint(graph: SceneGraph, frame: int) -> np.ndarray:
    """Return the number from 1 of the object of each pixel ``[H, W]``, 0 for none."""
    image = np.zeros((graph.height, graph.width), np.int64)
    order = sorted(
        range(len(graph.objects)), key=lambda i: -(graph.objects[i].score or 0.0)
    )
    for index in reversed(order):
        tube = graph.objects[index].tube
        if tube is not None and frame in tube.rles:
            image[tube.decode(frame)] = index + 1
    return image
