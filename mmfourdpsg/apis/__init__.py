"""What other programs call."""

from .recording import Recording
from .scene_graph_inferencer import SceneGraphInferencer, check_request

__all__ = ['Recording', 'SceneGraphInferencer', 'check_request']
