"""Pretraining of the RGB and depth encoders as ImageBind."""

from .imagebind_pretrainer import ImageBindPretrainer

__all__ = ['ImageBindPretrainer']
