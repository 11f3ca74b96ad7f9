"""Reliability chart: how often predictions are right, by their scores."""

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
        num_bins: Points of a curve, each of as many predictions, and bins of equal
            width of what is counted below.
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
            order = np.argsort(found.scores)
            parts = [part for part in np.array_split(order, num_bins) if len(part)]
            scores = [found.scores[part].mean() for part in parts]
            rates = [found.hits[part].mean() for part in parts]
            error = found.calibration_error(num_bins)
            label = f'{name}: calibration error {100 * error:.1f} %'
            above.plot(scores, rates, 'o-', color=f'C{place}', label=label)
            counts, _ = np.histogram(found.scores, edges)
            below.stairs(counts, edges, color=f'C{place}', linewidth=1.5)
        above.set(title=title, ylabel='share that is right', ylim=(-0.02, 1.02))
        if curves:
            # Below both, where no curve is.
            below.legend(
                *above.get_legend_handles_labels(),
                fontsize=8,
                frameon=False,
                loc='upper center',
                bbox_to_anchor=(0.5, -0.45),
            )
        below.yaxis.set_minor_formatter('')
        below.set(xlabel='score', ylabel='number', yscale='log', xlim=(0, 1))
    return figure
