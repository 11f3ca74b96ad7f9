"""Models."""

from . import (
    baselines,
    data_preprocessors,
    foundation,
    language_models,
    losses,
    projectors,
    scene_encoders,
    scene_graph_heads,
    transcending,
    tube_decoders,
)
from .four_d_llm import FourDLLM
from .scene_graph_assembler import SceneGraphAssembler

__all__ = [
    'FourDLLM',
    'SceneGraphAssembler',
    'baselines',
    'data_preprocessors',
    'foundation',
    'language_models',
    'losses',
    'projectors',
    'scene_encoders',
    'scene_graph_heads',
    'transcending',
    'tube_decoders',
]
