"""Objects as they are annotated."""

from collections.abc import Sequence
from typing import Any

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.structures import SceneGraphDataSample, SceneObject
from mmfourdpsg.utils import InputError


@TASK_UTILS.register_module()
class GroundTruthObjects:
    """Takes the annotated tubes, to tell how well relations are found given objects.

    Raises:
        InputError: A video has no annotation, or one without tubes.
    """

    def __call__(
        self, inputs: dict[str, Any], data_samples: Sequence[SceneGraphDataSample]
    ) -> list[list[SceneObject]]:
        """Return the annotated objects of each video that are ever visible."""
        return [self._objects(sample) for sample in data_samples]

    @staticmethod
    def _objects(sample: SceneGraphDataSample) -> list[SceneObject]:
        graph = sample.get('gt_scene_graph')
        if graph is None or any(item.tube is None for item in graph.objects):
            raise InputError(
                f'video {sample.video_id!r}: has no annotated mask tubes, expected '
                'some, or another model.object_source than GroundTruthObjects'
            )
        return [item for item in graph.objects if item.tube]
