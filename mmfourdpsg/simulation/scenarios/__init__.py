"""Scenarios of the simulated videos, which a director combines.

Each scenario puts things into a world and, where needed, controllers. They say
nothing of relations, which follow from what the physics makes of them.
"""

from .close_up import stage_close_up
from .clutter import stage_clutter
from .director import Director

__all__ = ['Director', 'stage_close_up', 'stage_clutter']
