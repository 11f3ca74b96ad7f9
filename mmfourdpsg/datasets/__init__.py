"""Data sets and their transforms."""

from . import depth_decoders, frame_readers, mask_decoders, transforms
from .annotation_file import AnnotationFile
from .psg4d_gta_dataset import PSG4DGTADataset
from .scene_graph_video_dataset import SceneGraphVideoDataset

__all__ = [
    'AnnotationFile',
    'PSG4DGTADataset',
    'SceneGraphVideoDataset',
    'depth_decoders',
    'frame_readers',
    'mask_decoders',
    'transforms',
]
