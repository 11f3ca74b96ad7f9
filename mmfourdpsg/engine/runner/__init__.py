"""The runner and its checkpoints."""

from .checkpoint import check_state_dict, load_checkpoint_file
from .scene_graph_runner import SceneGraphRunner

__all__ = ['SceneGraphRunner', 'check_state_dict', 'load_checkpoint_file']
