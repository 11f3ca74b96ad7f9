"""Panoptic segmentation of frames, from MMDetection's parts.

To build one takes mmcv's compiled operators; to import this package does not.
"""

from .dual_stream_resnet import DualStreamResNet
from .frame_segments import FrameSegments
from .mask2former_query_head import Mask2FormerQueryHead, SegmentQueries
from .panoptic_segmentor import PanopticSegmentor
from .query_fusion import QueryFusion
from .scene_feature_pyramid import SceneFeaturePyramid
from .video_query_head import VideoQueries, VideoQueryHead

__all__ = [
    'DualStreamResNet',
    'FrameSegments',
    'Mask2FormerQueryHead',
    'PanopticSegmentor',
    'QueryFusion',
    'SceneFeaturePyramid',
    'SegmentQueries',
    'VideoQueries',
    'VideoQueryHead',
]
