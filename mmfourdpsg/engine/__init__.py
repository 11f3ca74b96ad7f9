"""How training runs: runners, hooks, strategies."""

from .hooks import DatasetEpochHook, RandomStateHook
from .runner import SceneGraphFlexibleRunner, SceneGraphRunner, check_state_dict
from .schedulers import InverseSquareRootLR
from .strategies import SceneGraphDeepSpeedStrategy

__all__ = [
    'DatasetEpochHook',
    'InverseSquareRootLR',
    'RandomStateHook',
    'SceneGraphDeepSpeedStrategy',
    'SceneGraphFlexibleRunner',
    'SceneGraphRunner',
    'check_state_dict',
]
