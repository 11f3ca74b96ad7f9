"""Metrics of MMEngine."""

from .feature_metric import ImageBindFeatureMetric
from .prompted_segmentation_metric import PromptedSegmentationMetric
from .scene_graph_metric import SceneGraphMetric
from .scene_graph_text_metric import SceneGraphTextMetric

__all__ = [
    'ImageBindFeatureMetric',
    'PromptedSegmentationMetric',
    'SceneGraphMetric',
    'SceneGraphTextMetric',
]
