"""Each source's rule from stored panoptic masks to object ids."""

from .array_mask_decoder import ArrayMaskDecoder
from .colour_mask_decoder import ColourMaskDecoder
from .hoi4d_mask_decoder import HOI4DMaskDecoder
from .mask_decoder import MaskDecoder
from .palette_mask_decoder import PaletteMaskDecoder

__all__ = [
    'ArrayMaskDecoder',
    'ColourMaskDecoder',
    'HOI4DMaskDecoder',
    'MaskDecoder',
    'PaletteMaskDecoder',
]
