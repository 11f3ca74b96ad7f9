"""Each source's rule from stored panoptic masks to object ids."""

from .array_mask_decoder import ArrayMaskDecoder

__all__ = ['ArrayMaskDecoder']
