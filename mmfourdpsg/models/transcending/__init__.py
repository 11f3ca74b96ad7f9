"""2D-to-4D scene transcending (paper, section 4)."""

from .block_causal_transformer import BlockCausalTransformer
from .depth_estimator import DepthEstimator
from .scene_transcender import SceneFeatures, SceneTranscender
from .temporal_estimator import TemporalEstimator

__all__ = [
    'BlockCausalTransformer',
    'DepthEstimator',
    'SceneFeatures',
    'SceneTranscender',
    'TemporalEstimator',
]
