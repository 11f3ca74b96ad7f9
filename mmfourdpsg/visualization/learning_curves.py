"""Figure of the losses and of the recall of a training, over its steps."""

from collections.abc import Mapping, Sequence

from matplotlib import colormaps
from matplotlib.figure import Figure

Curves = Mapping[str, Sequence[tuple[int, float]]]
SCORE = 'R@20'


def draw_learning_curves(runs: Mapping[str, Sequence[Curves]]) -> Figure | None:
    """Draw each loss, and recall where it was measured in training, over the steps.

    Losses have a logarithmic axis: those of a model that begins with random weights
    would flatten all others.

    Args:
        runs: Name of a row -> the curves of each of its runs: name of a loss or score
            -> pairs of step and value, scores in percent. The sum of all losses,
            ``loss``, is left out.

    Returns:
        Figure: The figure; None where there is nothing to draw.
    """
    found = {key for curves in runs.values() for row in curves for key in row}
    keys = sorted(key for key in found - {'loss'} if '@' not in key or key == SCORE)
    if not keys:
        return None
    columns = min(3, len(keys))
    lines = -(-len(keys) // columns)
    figure = Figure(figsize=(4.2 * columns, 3 * lines))
    axes = figure.subplots(lines, columns, squeeze=False)
    colours = dict(zip(runs, colormaps['tab10'].colors, strict=False))
    handles = {}
    for axis, key in zip(axes.flat, keys, strict=False):
        is_score = '@' in key
        for name, curves in runs.items():
            for points in (row[key] for row in curves if row.get(key)):
                (handles[name],) = axis.plot(
                    *zip(*points, strict=True),
                    color=colours.get(name),
                    lw=1,
                    marker='o' if is_score else None,
                )
        axis.set_title(key)
        axis.set_xlabel('steps')
        axis.set_ylabel('percent' if is_score else 'loss')
        if not is_score:
            axis.set_yscale('log')
        axis.grid(alpha=0.3)
    for axis in axes.flat[len(keys) :]:
        axis.set_axis_off()
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / (3 * lines)))
    figure.legend(
        handles.values(), handles.keys(), loc='upper center', ncols=4, fontsize='small'
    )
    return figure
