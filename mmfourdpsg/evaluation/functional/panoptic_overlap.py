"""How the panoptic segmentations of two scene graphs of a video overlap."""

from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import SceneGraph

from .relation_match import check_same_size


@dataclass
class PanopticOverlap:
    """Pixels that objects share in each frame of a video.

    A panoptic segmentation gives each pixel to one object at most: where tubes overlap
    it is that with the best score, the first of equal ones.

    Shapes: ``T`` frames, ``G`` objects of the ground truth, ``P`` predicted ones.

    Attributes:
        counts: int64 ``[T, G + 1, P + 1]`` pixels, row 0 those that the ground truth
            gives to no object (void), column 0 the same of the prediction.
        wanted: Category of each object of the ground truth, ``G``.
        found: The same of the prediction, ``P``.
        things: Whether each object of the ground truth is a thing, ``G``.
    """

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
        counts = np.zeros((ground_truth.num_frames, *shape), np.int64)
        for frame in range(ground_truth.num_frames):
            rows = _paint(ground_truth, frame)
            columns = _paint(prediction, frame) if prediction is not None else 0
            pairs = rows * shape[1] + columns
            counts[frame] = np.bincount(
                pairs.ravel(), minlength=shape[0] * shape[1]
            ).reshape(shape)
        return cls(
            counts,
            [item.category for item in wanted],
            [item.category for item in found],
            [item.is_thing for item in wanted],
        )


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
