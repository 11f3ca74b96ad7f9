"""From an object's prompt embedding to its mask tube."""

from .memory_bank import MemoryBank
from .prompted_sam2 import PromptedSAM2
from .sam2_builder import build_sam2
from .sam2_checkpoint import load_sam2_checkpoint
from .sam2_tube_decoder import SAM2TubeDecoder

__all__ = [
    'MemoryBank',
    'PromptedSAM2',
    'SAM2TubeDecoder',
    'build_sam2',
    'load_sam2_checkpoint',
]
