"""Models."""

from . import (
    data_preprocessors,
    language_models,
    projectors,
    scene_encoders,
    scene_graph_heads,
)
from .four_d_llm import FourDLLM

__all__ = [
    'FourDLLM',
    'data_preprocessors',
    'language_models',
    'projectors',
    'scene_encoders',
    'scene_graph_heads',
]
