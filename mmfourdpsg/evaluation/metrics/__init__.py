"""Metrics of MMEngine."""

from .feature_metric import FeatureMetric
from .feature_similarity_metric import FeatureSimilarityMetric
from .group_recall_metric import GroupRecallMetric
from .prompted_segmentation_metric import PromptedSegmentationMetric
from .scene_graph_metric import SceneGraphMetric
from .scene_graph_text_metric import SceneGraphTextMetric
from .sgdet_metric import SGDetMetric
from .stage_recall_metric import StageRecallMetric

__all__ = [
    'FeatureMetric',
    'FeatureSimilarityMetric',
    'GroupRecallMetric',
    'PromptedSegmentationMetric',
    'SGDetMetric',
    'SceneGraphMetric',
    'SceneGraphTextMetric',
    'StageRecallMetric',
]
