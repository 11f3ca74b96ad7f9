"""Tube decoders: from an object's prompt embedding to its mask tube."""

from .decoded_tubes import DecodedTubes, TubeCollector
from .memory_bank import MemoryBank
from .object_follower import ObjectFollower, ObjectLook
from .prompted_sam2 import PromptedSAM2, SAM2Features
from .sam2_builder import build_sam2
from .sam2_checkpoint import load_sam2_checkpoint
from .sam2_tube_decoder import SAM2TubeDecoder

__all__ = [
    'DecodedTubes',
    'MemoryBank',
    'ObjectFollower',
    'ObjectLook',
    'PromptedSAM2',
    'SAM2Features',
    'SAM2TubeDecoder',
    'TubeCollector',
    'build_sam2',
    'load_sam2_checkpoint',
]
