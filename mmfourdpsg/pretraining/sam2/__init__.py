"""Pretraining of SAM2."""

from .instance_feature_pretrainer import InstanceFeaturePretrainer
from .promptable_segmenter import PromptableSegmenter

__all__ = ['InstanceFeaturePretrainer', 'PromptableSegmenter']
