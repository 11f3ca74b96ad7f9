"""Chart of the recall and of the reasons why relations are missed, by predicate."""

from collections.abc import Mapping, Sequence

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

# From green, what is found, over yellow, what is nearly right, to grey, what is absent.
COLOURS = (
    '#2a9d4a',
    '#a6d96a',
    '#d9ef8b',
    '#fee08b',
    '#fdae61',
    '#f46d43',
    '#d73027',
    '#a50026',
    '#7b3294',
    '#636363',
    '#969696',
    '#cccccc',
)


def draw_recall_chart(
    counts: Mapping[str, Mapping[str, int]], reasons: Sequence[str], title: str
) -> Figure:
    """Draw one stacked bar a predicate, and one for all of them.

    Args:
        counts: Predicate -> reason -> number of ground-truth relations.
        reasons: The reasons in the order of the stack, at most twelve.
        title: What was evaluated.
    """
    total = {
        reason: sum(row.get(reason, 0) for row in counts.values()) for reason in reasons
    }
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    rows = [('all', total), *ordered]
    figure = Figure(figsize=(9, 1.9 + 0.3 * len(rows)), layout='constrained')
    axes = figure.subplots()
    names = [f'{name} ({sum(row.values())})' for name, row in rows]
    left = [0.0] * len(rows)
    for reason, colour in zip(reasons, COLOURS, strict=False):
        if not total[reason]:
            continue
        shares = [
            100 * row.get(reason, 0) / max(sum(row.values()), 1) for _, row in rows
        ]
        label = f'{reason} ({total[reason]})'
        axes.barh(names, shares, left=left, color=colour, label=label, height=0.8)
        for place, (start, share) in enumerate(zip(left, shares, strict=True)):
            if share >= 6:
                axes.text(
                    start + share / 2,
                    place,
                    f'{share:.0f}',
                    ha='center',
                    va='center',
                    fontsize=7,
                    color='white' if sum(to_rgb(colour)) < 1.5 else 'black',
                )
        left = [start + share for start, share in zip(left, shares, strict=True)]
    axes.invert_yaxis()
    axes.axhline(0.5, color='black', linewidth=0.8)
    axes.set_xlim(0, 100)
    axes.margins(y=0.01)
    axes.set_xlabel('share of the ground-truth relations, in percent')
    axes.set_ylabel('predicate (number of relations)')
    axes.set_title(title, fontsize=10)
    figure.legend(loc='outside lower center', ncols=4, fontsize=8, frameon=False)
    return figure
