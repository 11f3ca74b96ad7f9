"""2D-to-4D scene transcending (paper, section 4)."""

from .block_causal_transformer import BlockCausalTransformer
from .depth_estimator import DepthEstimator
from .scene_transcender import SceneTranscender
from .scene_transcending_pretrainer import SceneTranscendingPretrainer
from .temporal_estimator import TemporalEstimator

__all__ = [
    'BlockCausalTransformer',
    'DepthEstimator',
    'SceneTranscender',
    'SceneTranscendingPretrainer',
    'TemporalEstimator',
]
