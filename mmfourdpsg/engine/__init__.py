"""How training runs: runner, hooks."""

from .hooks import DatasetEpochHook, RandomStateHook
from .runner import SceneGraphRunner

__all__ = ['DatasetEpochHook', 'RandomStateHook', 'SceneGraphRunner']
