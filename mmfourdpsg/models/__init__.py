"""Models: frameworks and their parts."""

from . import (
    data_preprocessors,
    frameworks,
    fusion,
    language_models,
    losses,
    projectors,
    relation_heads,
    scene_encoders,
    scene_graph_heads,
    segmentors,
    text_formats,
    trackers,
    transcending,
    tube_decoders,
)
from .frameworks import BaseSceneGraphModel, FourDLLM, SceneGraphAssembler

__all__ = [
    'BaseSceneGraphModel',
    'FourDLLM',
    'SceneGraphAssembler',
    'data_preprocessors',
    'frameworks',
    'fusion',
    'language_models',
    'losses',
    'projectors',
    'relation_heads',
    'scene_encoders',
    'scene_graph_heads',
    'segmentors',
    'text_formats',
    'trackers',
    'transcending',
    'tube_decoders',
]
