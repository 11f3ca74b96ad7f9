"""Metrics of MMEngine."""

from .feature_metric import ImageBindFeatureMetric
from .feature_similarity_metric import FeatureSimilarityMetric
from .prompted_segmentation_metric import PromptedSegmentationMetric
from .scene_graph_metric import SceneGraphMetric
from .scene_graph_text_metric import SceneGraphTextMetric
from .sgdet_metric import SGDetMetric

__all__ = [
    'FeatureSimilarityMetric',
    'ImageBindFeatureMetric',
    'PromptedSegmentationMetric',
    'SGDetMetric',
    'SceneGraphMetric',
    'SceneGraphTextMetric',
]
