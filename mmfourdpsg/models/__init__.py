"""Models: frameworks and their parts."""

from . import (
    data_preprocessors,
    frameworks,
    fusion,
    language_models,
    losses,
    object_sources,
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
from .frameworks import SGPN, BaseSceneGraphModel, FourDLLM, SceneGraphAssembler

__all__ = [
    'SGPN',
    'BaseSceneGraphModel',
    'FourDLLM',
    'SceneGraphAssembler',
    'data_preprocessors',
    'frameworks',
    'fusion',
    'language_models',
    'losses',
    'object_sources',
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
