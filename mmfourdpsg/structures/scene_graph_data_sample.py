"""The data sample of one video: targets, predictions and metadata."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.structures import BaseDataElement
from torch import Tensor

from .scene_graph import SceneGraph


class SceneGraphDataSample(BaseDataElement):
    """Targets, predictions and metadata of one video.

    Shapes: ``N`` objects in the order of ``gt_scene_graph.objects``, ``T`` sampled
    frames, ``h`` and ``w`` pixels after the transforms.

    Meta information: ``video_id``, ``num_frames`` (of the original video),
    ``frame_indices`` (``T`` original frame indices), ``ori_shape`` ``(H, W)`` and
    ``img_shape`` ``(h, w)`` in pixels, ``fps`` in frames a second.
    """

    @property
    def gt_scene_graph(self) -> SceneGraph:
        """Ground truth; spans are in frames of the original video."""
        return self._gt_scene_graph

    @gt_scene_graph.setter
    def gt_scene_graph(self, value: SceneGraph) -> None:
        self.set_field(value, '_gt_scene_graph', dtype=SceneGraph)

    @gt_scene_graph.deleter
    def gt_scene_graph(self) -> None:
        del self._gt_scene_graph

    @property
    def pred_scene_graph(self) -> SceneGraph:
        """Prediction; tubes are in pixels and frames of the original video."""
        return self._pred_scene_graph

    @pred_scene_graph.setter
    def pred_scene_graph(self, value: SceneGraph) -> None:
        self.set_field(value, '_pred_scene_graph', dtype=SceneGraph)

    @pred_scene_graph.deleter
    def pred_scene_graph(self) -> None:
        del self._pred_scene_graph

    @property
    def gt_masks(self) -> Tensor:
        """Ground truth masks of the sampled frames, boolean ``[N, T, h, w]``."""
        return self._gt_masks

    @gt_masks.setter
    def gt_masks(self, value: Tensor) -> None:
        self.set_field(value, '_gt_masks', dtype=Tensor)

    @gt_masks.deleter
    def gt_masks(self) -> None:
        del self._gt_masks

    def masks_of(self, object_ids: Sequence[int]) -> Tensor:
        """Return the ground truth masks of some objects, boolean ``[n, T, h, w]``.

        Args:
            object_ids: Their ``n`` ids in ``gt_scene_graph``, in any order.
        """
        places = {item.id: i for i, item in enumerate(self.gt_scene_graph.objects)}
        return self.gt_masks[[places[object_id] for object_id in object_ids]]

    @property
    def frame_reader(self) -> Sequence[np.ndarray]:
        """All frames of the video, read when asked for: uint8 ``[H, W, 3]`` RGB."""
        return self._frame_reader

    @frame_reader.setter
    def frame_reader(self, value: Sequence[np.ndarray]) -> None:
        self.set_field(value, '_frame_reader')

    @frame_reader.deleter
    def frame_reader(self) -> None:
        del self._frame_reader

    @property
    def rgbd_reader(self) -> Sequence[Any]:
        """All frames as the model reads them, with depth, read when asked for.

        See :class:`mmfourdpsg.datasets.frame_readers.RGBDFrameReader`.
        """
        return self._rgbd_reader

    @rgbd_reader.setter
    def rgbd_reader(self, value: Sequence[Any]) -> None:
        self.set_field(value, '_rgbd_reader')

    @rgbd_reader.deleter
    def rgbd_reader(self) -> None:
        del self._rgbd_reader
