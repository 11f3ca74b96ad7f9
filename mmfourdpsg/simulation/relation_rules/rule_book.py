"""Rule book: all rules of an edition, and when each holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..trajectory import Trajectory
from .queries import Fact
from .thresholds import RuleThresholds

Rule = Callable[[Trajectory, RuleThresholds], Iterator[Fact]]


@dataclass(frozen=True)
class RuleBook:
    """What is annotated.

    Attributes:
        rules: The rules.
        thresholds: When each holds.
        events_only: Predicates that are annotated only where they begin or end within
            the video: what rests on the table all along goes without saying.
        motions: Predicates that are annotated only where the subject gets somewhere.
    """

    rules: tuple[Rule, ...]
    thresholds: RuleThresholds
    events_only: frozenset[str] = frozenset()
    motions: frozenset[str] = frozenset()
