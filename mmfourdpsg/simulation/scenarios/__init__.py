"""Scenarios of the simulated videos, which a director combines.

Each scenario puts things into a world and, where needed, controllers. They say
nothing of relations, which follow from what the physics makes of them.
"""

from collections.abc import Callable

from .director import Director
from .falling import drop
from .gripping import carry, hold, pull, push
from .moving import roll, slide, spin
from .resting import lean, stack, stand

__all__ = ['ACTIONS', 'BACKDROPS', 'UNSEEN_ACTIONS', 'Director', 'Scenario']


Scenario = Callable[[Director], None]

ACTIONS: tuple[Scenario, ...] = (drop, roll, slide, push, carry, hold)
"""Scenarios in which something moves."""

BACKDROPS: tuple[Scenario, ...] = (stand, stack, lean)
"""Scenarios in which nothing moves."""

UNSEEN_ACTIONS: tuple[Scenario, ...] = (pull, spin)
"""Scenarios that only videos with held-out labels have."""
