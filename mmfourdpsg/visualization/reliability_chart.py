"""A picture of how often predictions are right, by their scores."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from ..evaluation.functional import ScoredHits


def draw_reliability_chart(
    panels: Mapping[str, Mapping[str, ScoredHits]], num_bins: int = 10
) -> Figure:
    """Draw the share of right predictions against the score, and how many there are.

    Args:
        panels: Title of a panel -> name of a curve -> scores and hits.
        num_bins: Bins of equal width.
    """
    figure = Figure(figsize=(4.6 * len(panels), 5.2), layout='constrained')
    axes = figure.subplots(
        2, len(panels), sharex=True, squeeze=False, height_ratios=(3, 1)
    )
    edges = np.linspace(0, 1, num_bins + 1)
    for column, (title, curves) in enumerate(panels.items()):
        above, below = axes[:, column]
        above.plot((0, 1), (0, 1), color='0.6', linewidth=1, linestyle=':')
        for place, (name, found) in enumerate(curves.items()):
            bins = np.minimum((found.scores * num_bins).astype(int), num_bins - 1)
            counts = np.bincount(bins, minlength=num_bins)
            shown = counts > 0
            scores = np.bincount(bins, found.scores, num_bins)[shown] / counts[shown]
            rates = np.bincount(bins, found.hits, num_bins)[shown] / counts[shown]
            error = found.calibration_error(num_bins)
            label = f'{name}: calibration error {100 * error:.1f} %'
            above.plot(scores, rates, 'o-', color=f'C{place}', label=label)
            below.stairs(counts, edges, color=f'C{place}', linewidth=1.5)
        above.set(title=title, ylabel='share that is right', ylim=(-0.02, 1.02))
        if curves:
            above.legend(fontsize=8, frameon=False, loc='upper left')
        below.set(xlabel='score', ylabel='number', yscale='log', xlim=(0, 1))
    return figure
