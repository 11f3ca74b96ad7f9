"""Evaluation of scene graphs."""

from .metrics import SceneGraphMetric

__all__ = ['SceneGraphMetric']
