"""How training runs: runner, hooks."""

from .hooks import DatasetEpochHook, RandomStateHook
from .runner import SceneGraphRunner, check_state_dict

__all__ = [
    'DatasetEpochHook',
    'RandomStateHook',
    'SceneGraphRunner',
    'check_state_dict',
]
