"""Engine: launch, runners, hooks, optimizers, schedules, strategies."""

from .hooks import DatasetEpochHook, RandomStateHook
from .optimizers import Bfloat16OptimWrapper
from .runner import SceneGraphFlexibleRunner, SceneGraphRunner, check_state_dict
from .schedulers import InverseSquareRootLR
from .strategies import SceneGraphDeepSpeedStrategy

__all__ = [
    'Bfloat16OptimWrapper',
    'DatasetEpochHook',
    'InverseSquareRootLR',
    'RandomStateHook',
    'SceneGraphDeepSpeedStrategy',
    'SceneGraphFlexibleRunner',
    'SceneGraphRunner',
    'check_state_dict',
]
