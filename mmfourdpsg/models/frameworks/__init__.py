"""Frameworks: whole systems, which wire the parts."""

from .base_scene_graph_model import BaseSceneGraphModel
from .base_tube_model import BaseTubeModel
from .four_d_llm import FourDLLM
from .object_selector import ObjectSelector
from .psg4dformer import PSG4DFormer
from .psg4dformer_one_stage import PSG4DFormerOneStage
from .psg4dformer_transfer import PSG4DFormerTransfer
from .scene_graph_assembler import SceneGraphAssembler
from .sgpn import SGPN
from .stage_prediction import StagePrediction

__all__ = [
    'SGPN',
    'BaseSceneGraphModel',
    'BaseTubeModel',
    'FourDLLM',
    'ObjectSelector',
    'PSG4DFormer',
    'PSG4DFormerOneStage',
    'PSG4DFormerTransfer',
    'SceneGraphAssembler',
    'StagePrediction',
]
