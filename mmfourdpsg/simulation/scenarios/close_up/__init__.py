"""Scenarios of the second edition: few large things, one or two clear events."""

import numpy as np

from ...vocabulary import UNSEEN_CATEGORIES
from ...world import World
from ..director import Director
from .falling import drop
from .gripping import deliver, fetch, grasp, pull, push
from .moving import roll, slide, spin
from .resting import beside, contain, prop, stack, stand

__all__ = ['ACTIONS', 'BACKDROPS', 'UNSEEN_ACTIONS', 'stage_close_up']

ACTIONS = {drop: 8, roll: 5, slide: 4, push: 3, fetch: 2, grasp: 2, deliver: 3}
"""Scenario in which something moves -> how often it is."""

SECOND_ACTIONS = (drop, roll, slide)
"""Scenarios beside another; two grippers would be in each other's way."""

BACKDROPS = {beside: 6, stack: 3, contain: 2, prop: 3, stand: 1}
"""Scenario in which nothing moves -> how often it is."""

UNSEEN_ACTIONS = {pull: 1, spin: 2}
"""Scenario that only videos with held-out labels have -> how often it is."""

NUM_THINGS = (3, 4, 5)


def stage_close_up(world: World, rng: np.random.Generator, unseen: bool) -> None:
    """Fill a world with one or two actions, and with backdrops up to a number."""
    director = Director(world, rng, UNSEEN_CATEGORIES if unseen else ())
    wanted = int(rng.choice(NUM_THINGS))
    if unseen and rng.random() < 0.7:
        _pick(rng, UNSEEN_ACTIONS)(director)
    else:
        _pick(rng, ACTIONS)(director)
    # One thing alone makes few relations.
    if len(director.things) < 2 or (
        len(director.things) == 2 < wanted and rng.random() < 0.4
    ):
        SECOND_ACTIONS[rng.integers(len(SECOND_ACTIONS))](director)
    if unseen:
        # A held-out predicate is over soon, a held-out thing is there in every image.
        beside(director, str(rng.choice(UNSEEN_CATEGORIES)))
    for _ in range(8):
        room = wanted - len(director.things)
        if room < 1:
            break
        fitting = {
            scenario: share
            for scenario, share in BACKDROPS.items()
            if room > 1 or scenario in (beside, stand)
        }
        _pick(rng, fitting)(director)


def _pick(rng: np.random.Generator, shares: dict):
    weights = np.array(list(shares.values()), dtype=float)
    return list(shares)[rng.choice(len(shares), p=weights / weights.sum())]
