"""Data preprocessors: from samples to a batch on the device."""

from .scene_graph_data_preprocessor import SceneGraphDataPreprocessor

__all__ = ['SceneGraphDataPreprocessor']
