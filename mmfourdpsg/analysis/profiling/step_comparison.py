"""How fast one training step is beside another, measured in turns."""

import time
from collections.abc import Callable, Sequence
from statistics import fmean, quantiles
from typing import NamedTuple


class StepComparison(NamedTuple):
    """Seconds of the steps of two trainings, in pairs that ran one after the other.

    Attributes:
        seconds: Of the first.
        other_seconds: Of the second.
    """

    seconds: list[float]
    other_seconds: list[float]

    def summary(self) -> dict[str, float | list[float]]:
        """Return ``step_seconds`` and ``against_step_seconds``, means, and ``ratio``.

        The ratio of the means says how many times as fast the first is. It is one of
        means since steps may do more and less by turns. ``ratio_quartiles`` are the
        first and third quartile of the pairs' own ratios.
        """
        pairs = zip(self.seconds, self.other_seconds, strict=True)
        quartiles = quantiles([other / own for own, other in pairs], n=4)
        own, other = fmean(self.seconds), fmean(self.other_seconds)
        return dict(
            step_seconds=own,
            against_step_seconds=other,
            ratio=other / own,
            ratio_quartiles=[quartiles[0], quartiles[2]],
        )


def compare_steps(
    steps: Sequence[Callable[[dict], None]],
    batches: Sequence[Sequence[dict]],
    warm_up: int,
) -> StepComparison:
    """Run steps of two trainings in turns.

    Args:
        steps: Train on a batch, and return when the device is done, one a training.
        batches: The batches of each training, equally many, loaded before: loading
            takes no part.
        warm_up: Pairs that are not measured.
    """
    seconds: list[list[float]] = [[], []]
    for number in range(len(batches[0])):
        # Whoever comes second finds warm what both use.
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for place in order:
            start = time.perf_counter()
            steps[place](batches[place][number])
            if number >= warm_up:
                seconds[place].append(time.perf_counter() - start)
    return StepComparison(*seconds)
