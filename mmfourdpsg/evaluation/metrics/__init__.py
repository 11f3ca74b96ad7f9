"""Metrics of MMEngine on scene graphs and on features."""

from .feature_similarity_metric import FeatureSimilarityMetric
from .group_recall_metric import GroupRecallMetric
from .panoptic_quality_metric import PanopticQualityMetric
from .relation_accuracy_metric import RelationAccuracyMetric
from .scene_graph_metric import SceneGraphMetric
from .sgdet_metric import SGDetMetric
from .stage_recall_metric import StageRecallMetric

__all__ = [
    'FeatureSimilarityMetric',
    'GroupRecallMetric',
    'PanopticQualityMetric',
    'RelationAccuracyMetric',
    'SGDetMetric',
    'SceneGraphMetric',
    'StageRecallMetric',
]
