"""Heads that turn scene tokens into scene graphs."""

from .decoding import GeneratedGraph, GeneratedObject, GeneratedRelation
from .llm_scene_graph_head import LLMSceneGraphHead
from .object_prompts import ObjectPrompts

__all__ = [
    'GeneratedGraph',
    'GeneratedObject',
    'GeneratedRelation',
    'LLMSceneGraphHead',
    'ObjectPrompts',
]
