"""Pretraining of the parts that 4D-LLM begins with."""

from .imagebind_pretrainer import ImageBindPretrainer
from .promptable_segmenter import PromptableSegmenter
from .scene_graph_text_pretrainer import SceneGraphTextPretrainer

__all__ = ['ImageBindPretrainer', 'PromptableSegmenter', 'SceneGraphTextPretrainer']
