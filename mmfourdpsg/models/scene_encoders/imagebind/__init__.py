"""ImageBind's encoders, with the official names of their weights."""

from .checkpoint import load_imagebind_checkpoint
from .encoders import ImageBindDepthEncoder, ImageBindEncoder, ImageBindVisionEncoder
from .export import export_imagebind_weights

__all__ = [
    'ImageBindDepthEncoder',
    'ImageBindEncoder',
    'ImageBindVisionEncoder',
    'export_imagebind_weights',
    'load_imagebind_checkpoint',
]
