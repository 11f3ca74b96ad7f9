"""The runner and how it loads checkpoints."""

from .checkpoint import check_state_dict
from .scene_graph_runner import SceneGraphRunner

__all__ = ['SceneGraphRunner', 'check_state_dict']
