"""Heads that turn scene tokens into scene graphs."""

from .direct_text_format import DirectTextFormat
from .formatted_graph import FormattedGraph, FormattedTurn, TextPart
from .generated_graph import GeneratedGraph, GeneratedObject, GeneratedRelation
from .llm_scene_graph_head import LLMSceneGraphHead
from .object_prompts import ObjectPrompts
from .parsed_graph import ParsedGraph, ParsedObject, ParsedRelation
from .part_likelihood import PartLikelihood
from .scene_graph_text_format import SceneGraphTextFormat

__all__ = [
    'DirectTextFormat',
    'FormattedGraph',
    'FormattedTurn',
    'GeneratedGraph',
    'GeneratedObject',
    'GeneratedRelation',
    'LLMSceneGraphHead',
    'ObjectPrompts',
    'ParsedGraph',
    'ParsedObject',
    'ParsedRelation',
    'PartLikelihood',
    'SceneGraphTextFormat',
    'TextPart',
]
