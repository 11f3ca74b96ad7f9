"""Pretraining of SAM2."""

from .instance_feature_pretrainer import InstanceFeaturePretrainer
from .promptable_segmenter import PromptableSegmenter
from .prompted_segmentation_metric import PromptedSegmentationMetric

__all__ = [
    'InstanceFeaturePretrainer',
    'PromptableSegmenter',
    'PromptedSegmentationMetric',
]
