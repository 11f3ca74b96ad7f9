"""Editions of Tabletop-4D: all that tells one world of videos from another."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from .relation_rules import CLUTTER_RULES, RULES, RuleBook
from .scenarios import stage_close_up, stage_clutter
from .settings import SimulationSettings, StageSettings
from .world import World

Stage = Callable[[World, np.random.Generator, bool], None]
"""Fills a world; the last argument says whether with held-out labels."""


@dataclass(frozen=True)
class Edition:
    """A world of videos: how they are staged, what is annotated, which are kept.

    Attributes:
        name: Its name.
        suffix: End of the names of its splits, so that splits of different editions
            are never taken for each other.
        version: Changes when a seed no longer gives the same video.
        stream: What its random streams start with besides the seed, so that no two
            editions share one.
        settings: Sizes and rates.
        stage: How a scene is set up.
        scenarios: Fills a world with things and with what happens.
        rules: What is annotated.
        num_things: Least and greatest number of things of a video.
        settle_gravity: Gravity in m/s^2 until the recording starts; None is the
            settings'.
        rest_speed: Greatest speed in m/s of a thing when the recording starts; None
            allows any.
        min_share: Least share of the image that a thing covers, in the mean over the
            frames that show it.
    """

    name: str
    suffix: str
    version: int
    stream: tuple[int, ...]
    settings: SimulationSettings
    stage: StageSettings
    scenarios: Stage
    rules: RuleBook
    num_things: tuple[int, int]
    min_share: float
    settle_gravity: float | None = None
    rest_speed: float | None = None

    def fingerprint(self, held_out: bool = False) -> str:
        """Return a digest of what a video depends on besides its seed."""
        depends = dict(
            **asdict(self.settings),
            rules=asdict(self.rules.thresholds),
            version=self.version,
        )
        # The first edition's records, which are older than editions, know no more.
        if self.stream:
            depends.update(
                stage=asdict(self.stage),
                things=self.num_things,
                min_share=self.min_share,
            )
        if held_out:
            depends['held_out'] = True
        return hashlib.sha256(json.dumps(depends).encode()).hexdigest()


TABLETOP = Edition(
    name='tabletop',
    suffix='',
    version=1,
    stream=(2,),
    settings=SimulationSettings(),
    stage=StageSettings(),
    scenarios=stage_close_up,
    rules=RULES,
    num_things=(3, 5),
    min_share=0.035,
    settle_gravity=9.8,
    rest_speed=0.02,
)
"""The second edition: few large things, and relations that are plainly seen."""

CLUTTER = Edition(
    name='clutter',
    suffix='_clutter',
    version=4,
    stream=(),
    settings=SimulationSettings(gravity=5.0, steps_per_second=240, max_relations=20),
    stage=StageSettings(
        distance=(0.56, 0.72),
        target_height=(0.03, 0.06),
        pitch=(24.0, 46.0),
        yaw=30.0,
        low=(-0.19, -0.15),
        high=(0.19, 0.18),
        size=(0.9, 1.2),
        evenness=0.0,
        distinct=False,
        shared_colour=0.0,
        rolling_friction=0.0004,
    ),
    scenarios=stage_clutter,
    rules=CLUTTER_RULES,
    num_things=(0, 1000),
    min_share=0.0,
)
"""The first edition: many small things, and relations at hard thresholds."""
