"""Transform that opens all frames of a video and reads them when asked for."""

from collections.abc import Callable, Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS

from ..frame_readers.rgbd_frame_reader import RGBDFrameReader
from .scene_graph_geometry import UNKNOWN_SIZE, with_size


@TRANSFORMS.register_module()
class OpenRGBDFrames(BaseTransform):
    """Opens a video for models that take every frame of it, chunk by chunk.

    It takes the place of transforms that sample and load: the frames that are handed
    on as tensors are none.

    Args:
        transforms: Configs of the transforms that each frame goes through when it is
            read, such as ``LoadRGBFrames``, ``LoadDepthFrames``, ``LoadPanopticMasks``
            with the frames ``sampled``, ``ResizeFrames``. None may be random, since
            each frame is transformed by itself.

    Adds ``rgbd_reader``, see :class:`RGBDFrameReader`, ``frame_reader``, ``ori_shape``
    and ``img_shape``, no ``frame_indices`` and ``rgb`` without frames.

    Raises:
        InputError: A file of the first frame is missing or bad.
    """

    def __init__(self, transforms: Sequence[dict | Callable]) -> None:
        self.transforms = [
            TRANSFORMS.build(item) if isinstance(item, dict) else item
            for item in transforms
        ]

    def transform(self, results: dict) -> dict:
        """Open the video."""
        graph = results.get('scene_graph')
        kept = {key: value for key, value in results.items() if key != 'rng'}
        # It tells the size of the first frame anew; the masks need the objects alone.
        kept.pop('ori_shape', None)
        if graph is not None:
            size = (graph.height, graph.width)
            kept['scene_graph'] = with_size(graph, size, relations=[])
        reader = RGBDFrameReader(kept, self.transforms)
        if graph is not None and (graph.height, graph.width) == UNKNOWN_SIZE:
            results['scene_graph'] = with_size(graph, reader.ori_shape)
        results.update(
            rgbd_reader=reader,
            frame_reader=reader.frame_reader,
            frame_indices=[],
            rgb=np.zeros((0, *reader.first.rgb.shape), np.uint8),
            ori_shape=reader.ori_shape,
            img_shape=reader.first.rgb.shape[:2],
        )
        return results

    def __repr__(self) -> str:
        return f'OpenRGBDFrames(transforms={self.transforms})'
