"""Pretraining of the parts that 4D-LLM begins with."""

from .described_scene import DescribedScene
from .imagebind_pretrainer import ImageBindPretrainer
from .instance_feature_pretrainer import InstanceFeaturePretrainer
from .promptable_segmenter import PromptableSegmenter
from .scene_caption_pretrainer import SceneCaptionPretrainer
from .scene_graph_text_pretrainer import SceneGraphTextPretrainer

__all__ = [
    'DescribedScene',
    'ImageBindPretrainer',
    'InstanceFeaturePretrainer',
    'PromptableSegmenter',
    'SceneCaptionPretrainer',
    'SceneGraphTextPretrainer',
]
