"""Scenarios of the first edition: many small things, and much at once."""

from collections.abc import Callable

import numpy as np

from ...vocabulary import UNSEEN_CATEGORIES
from ...world import World
from ..director import Director
from .falling import drop
from .gripping import carry, hold, pull, push
from .moving import roll, slide, spin
from .resting import lean, stack, stand

__all__ = ['ACTIONS', 'BACKDROPS', 'UNSEEN_ACTIONS', 'Scenario', 'stage_clutter']

Scenario = Callable[[Director], None]

ACTIONS: tuple[Scenario, ...] = (drop, roll, slide, push, carry, hold)
"""Scenarios in which something moves."""

BACKDROPS: tuple[Scenario, ...] = (stand, stack, lean)
"""Scenarios in which nothing moves."""

UNSEEN_ACTIONS: tuple[Scenario, ...] = (pull, spin)
"""Scenarios that only videos with held-out labels have."""


def stage_clutter(world: World, rng: np.random.Generator, unseen: bool) -> None:
    """Fill a world with one or two actions, a backdrop, and often one thing more."""
    director = Director(world, rng, UNSEEN_CATEGORIES if unseen else ())
    if unseen and rng.random() < 0.7:
        UNSEEN_ACTIONS[rng.integers(len(UNSEEN_ACTIONS))](director)
    else:
        ACTIONS[rng.integers(len(ACTIONS))](director)
    if rng.random() < 0.25:
        # Two grippers would be in each other's way, so the second rolls or falls.
        ACTIONS[rng.integers(3)](director)
    BACKDROPS[rng.choice(len(BACKDROPS), p=(0.4, 0.35, 0.25))](director)
    if rng.random() < 0.5:
        director.put(director.category())
