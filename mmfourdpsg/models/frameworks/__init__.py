"""Frameworks: whole systems, which wire the parts."""

from .base_scene_graph_model import BaseSceneGraphModel
from .four_d_llm import FourDLLM
from .psg4dformer import PSG4DFormer
from .scene_graph_assembler import SceneGraphAssembler
from .sgpn import SGPN
from .stage_prediction import StagePrediction

__all__ = [
    'SGPN',
    'BaseSceneGraphModel',
    'FourDLLM',
    'PSG4DFormer',
    'SceneGraphAssembler',
    'StagePrediction',
]
