"""Each source's rule from stored depth to metres."""

from .metric_depth_decoder import MetricDepthDecoder
from .sailvos3d_depth_decoder import SAILVOS3DDepthDecoder

__all__ = ['MetricDepthDecoder', 'SAILVOS3DDepthDecoder']
