"""Projectors from the encoders' width to the language model's."""

from .mlp_projector import MLPProjector

__all__ = ['MLPProjector']
