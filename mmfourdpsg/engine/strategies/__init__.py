"""Strategies of distributed training."""

from .deepspeed_optim_wrapper import SceneGraphDeepSpeedOptimWrapper
from .scene_graph_deepspeed_strategy import SceneGraphDeepSpeedStrategy

__all__ = ['SceneGraphDeepSpeedOptimWrapper', 'SceneGraphDeepSpeedStrategy']
