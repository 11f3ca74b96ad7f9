"""Runners and how they load checkpoints."""

from .checkpoint import check_state_dict, take_held_parts_for_initialised
from .scene_graph_flexible_runner import SceneGraphFlexibleRunner
from .scene_graph_runner import SceneGraphRunner

__all__ = [
    'SceneGraphFlexibleRunner',
    'SceneGraphRunner',
    'check_state_dict',
    'take_held_parts_for_initialised',
]
