"""A picture of how alike estimated features and gold ones are."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from ..evaluation.functional import SimilarityDistribution


def draw_similarity_chart(
    runs: Mapping[str, Mapping[str, SimilarityDistribution]],
) -> Figure:
    """Draw one panel a kind of feature, with one curve a run (paper, Fig. 4).

    Args:
        runs: Name of a run -> kind of feature -> distribution.
    """
    kinds = list(dict.fromkeys(kind for row in runs.values() for kind in row))
    figure = Figure(figsize=(4.5 * len(kinds), 3.2), layout='constrained')
    panels = figure.subplots(1, len(kinds), squeeze=False, sharey=True)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        for place, (name, row) in enumerate(runs.items()):
            item = row.get(kind)
            if item is None or not item.number:
                continue
            width = item.edges[1] - item.edges[0]
            density = item.counts / (item.number * width)
            label = f'{name}: mean {item.mean:.2f}, {item.number} features'
            colour = f'C{place}'
            axes.stairs(density, item.edges, color=colour, fill=True, alpha=0.35)
            axes.axvline(item.mean, color=colour, linewidth=1.2, label=label)
        axes.set_xlim(-1, 1)
        axes.set_title(f'{kind} features', fontsize=10)
        axes.set_xlabel('cosine of estimated and gold feature')
        below = dict(loc='upper center', bbox_to_anchor=(0.5, -0.2))
        axes.legend(fontsize=8, frameon=False, **below)
    panels[0].set_ylabel('density')
    return figure
