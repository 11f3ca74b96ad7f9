"""Pretraining of the RGB and depth encoders as ImageBind."""

from .feature_metric import FeatureMetric
from .imagebind_pretrainer import ImageBindPretrainer

__all__ = ['FeatureMetric', 'ImageBindPretrainer']
