"""Pretraining of the language model on scene graphs as text."""

from .described_scene import DescribedScene
from .scene_graph_text_pretrainer import SceneGraphTextPretrainer

__all__ = ['DescribedScene', 'SceneGraphTextPretrainer']
