"""From the encoders' width into the language model's."""

from .mlp_projector import MLPProjector

__all__ = ['MLPProjector']
