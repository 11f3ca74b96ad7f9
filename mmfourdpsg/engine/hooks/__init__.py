"""Hooks of training and test."""

from .dataset_epoch_hook import DatasetEpochHook
from .label_names_hook import LabelNamesHook
from .model_cost_hook import ModelCostHook
from .plain_checkpoint_hook import PlainCheckpointHook
from .random_state_hook import RandomStateHook
from .scene_graph_visualization_hook import SceneGraphVisualizationHook
from .weight_files_hook import WeightFilesHook

__all__ = [
    'DatasetEpochHook',
    'LabelNamesHook',
    'ModelCostHook',
    'PlainCheckpointHook',
    'RandomStateHook',
    'SceneGraphVisualizationHook',
    'WeightFilesHook',
]
