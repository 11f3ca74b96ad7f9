"""Transforms of the data pipelines.

They hand on a dictionary. Beside what :class:`SceneGraphVideoDataset` puts in, it
holds ``frame_indices`` (``T`` original frame indices), ``rgb`` uint8 ``[T, H, W, 3]``,
``depth`` float32 ``[T, H, W]`` in metres (0 = unknown), ``points`` float32
``[T, H, W, 3]`` in metres (all 0 = unknown), ``panoptic_ids`` int32 ``[T, H, W]``
(object id, 0 = none), ``ori_shape`` and ``img_shape`` (height, width).
"""

from .describe_objects import DescribeObjects
from .load_depth_frames import LoadDepthFrames
from .load_panoptic_masks import LoadPanopticMasks
from .load_point_maps import LoadPointMaps
from .load_rgb_frames import LoadRGBFrames
from .open_rgbd_frames import OpenRGBDFrames
from .order_objects import OrderObjects
from .pack_scene_graph_inputs import PackSceneGraphInputs
from .pack_scene_graph_text import PackSceneGraphText
from .random_colour_jitter import RandomColourJitter
from .random_crop_frames import RandomCropFrames
from .random_horizontal_flip import RandomHorizontalFlip
from .resize_frames import ResizeFrames
from .sample_frames import SampleFrames
from .thin_relations import ThinRelations

__all__ = [
    'DescribeObjects',
    'LoadDepthFrames',
    'LoadPanopticMasks',
    'LoadPointMaps',
    'LoadRGBFrames',
    'OpenRGBDFrames',
    'OrderObjects',
    'PackSceneGraphInputs',
    'PackSceneGraphText',
    'RandomColourJitter',
    'RandomCropFrames',
    'RandomHorizontalFlip',
    'ResizeFrames',
    'SampleFrames',
    'ThinRelations',
]
