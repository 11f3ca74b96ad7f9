"""Chart of the similarity of estimated features and gold ones (paper, Fig. 4)."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from ..evaluation.functional import SimilarityDistribution

_COLUMNS = 4


def draw_similarity_chart(
    runs: Mapping[str, Mapping[str, SimilarityDistribution]],
) -> Figure:
    """Draw one panel a kind of feature, with one curve a run (paper, Fig. 4).

    Args:
        runs: Name of a run -> kind of feature -> distribution.
    """
    kinds = list(dict.fromkeys(kind for row in runs.values() for kind in row))
    columns = min(len(kinds), _COLUMNS)
    rows = -(-len(kinds) // columns)
    figure = Figure(figsize=(4.5 * columns, 3.2 * rows), layout='constrained')
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels[len(kinds) :]:
        axes.remove()
    for axes, kind in zip(panels, kinds, strict=False):
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
        # Most features of frames that are alike have a cosine near 1: on a linear
        # scale the rest would not be seen beside them.
        axes.set_yscale('log')
        axes.set_title(f'{kind.replace("_", " ")} features', fontsize=10)
        axes.set_ylabel('density')
        axes.set_xlabel('cosine of estimated and gold feature')
        below = dict(loc='upper center', bbox_to_anchor=(0.5, -0.2))
        axes.legend(fontsize=8, frameon=False, **below)
    return figure
