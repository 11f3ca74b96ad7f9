"""Decoders from the stored depth of each source to metres."""

from .hoi4d_depth_decoder import HOI4DDepthDecoder
from .metric_depth_decoder import MetricDepthDecoder
from .sailvos3d_depth_decoder import SAILVOS3DDepthDecoder

__all__ = ['HOI4DDepthDecoder', 'MetricDepthDecoder', 'SAILVOS3DDepthDecoder']
