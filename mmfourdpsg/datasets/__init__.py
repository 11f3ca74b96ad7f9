"""Data sets and their transforms."""

from . import depth_decoders, frame_readers, mask_decoders, transforms
from .action_genome_dataset import ActionGenomeDataset
from .annotation_file import AnnotationFile
from .diml_dataset import DIMLDataset
from .gqa200_dataset import GQA200Dataset
from .gqa_dataset import GQADataset
from .psg4d_gta_dataset import PSG4DGTADataset
from .psg4d_hoi_dataset import PSG4DHOIDataset
from .psg_dataset import PSGDataset
from .pvsg_dataset import PVSGDataset
from .scene_graph_concat_dataset import SceneGraphConcatDataset
from .scene_graph_file_dataset import SceneGraphFileDataset
from .scene_graph_repeat_dataset import SceneGraphRepeatDataset
from .scene_graph_video_dataset import SceneGraphVideoDataset
from .three_dssg_dataset import ThreeDSSGDataset
from .visual_genome_dataset import VisualGenomeDataset
from .visual_genome_sgg_dataset import VisualGenomeSGGDataset

__all__ = [
    'ActionGenomeDataset',
    'AnnotationFile',
    'DIMLDataset',
    'GQA200Dataset',
    'GQADataset',
    'PSG4DGTADataset',
    'PSG4DHOIDataset',
    'PSGDataset',
    'PVSGDataset',
    'SceneGraphConcatDataset',
    'SceneGraphFileDataset',
    'SceneGraphRepeatDataset',
    'SceneGraphVideoDataset',
    'ThreeDSSGDataset',
    'VisualGenomeDataset',
    'VisualGenomeSGGDataset',
    'depth_decoders',
    'frame_readers',
    'mask_decoders',
    'transforms',
]
