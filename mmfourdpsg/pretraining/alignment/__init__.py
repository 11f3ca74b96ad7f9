"""Alignment of the language model with images and with SAM2."""

from .scene_caption_pretrainer import SceneCaptionPretrainer

__all__ = ['SceneCaptionPretrainer']
