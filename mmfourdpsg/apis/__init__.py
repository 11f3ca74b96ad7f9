"""What other programs call."""

from .scene_graph_inferencer import SceneGraphInferencer

__all__ = ['SceneGraphInferencer']
