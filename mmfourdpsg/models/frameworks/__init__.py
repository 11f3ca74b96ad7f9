"""Frameworks: whole systems, which wire the parts."""

from .base_scene_graph_model import BaseSceneGraphModel
from .four_d_llm import FourDLLM
from .object_selector import ObjectSelector
from .scene_graph_assembler import SceneGraphAssembler
from .stage_prediction import StagePrediction

__all__ = [
    'BaseSceneGraphModel',
    'FourDLLM',
    'ObjectSelector',
    'SceneGraphAssembler',
    'StagePrediction',
]
