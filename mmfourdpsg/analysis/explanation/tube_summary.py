"""Summary of how well tubes fit, by kinds and sizes of objects."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from .tube_fits import TubeFit

SIZES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 100.0)
"""Edges of the groups of sizes, in percent of the image."""

THINGS = 'things'


def summarise_tubes(
    fits: Iterable[TubeFit], groups: Mapping[str, str], min_iou: float
) -> dict[str, dict]:
    """Return number, mean IoU and share of tubes that fit, of groups of objects.

    Args:
        fits: The tubes.
        groups: Label -> name of a group that is counted apart; others are ``things`` or
            ``stuff``.
        min_iou: From where on a tube fits.

    Returns:
        Group -> ``objects``, ``iou`` and ``fit``, and the same in ``labels`` by
        category and in ``sizes`` by percent of the image.
    """
    kinds: dict[str, list[TubeFit]] = {}
    for row in fits:
        kind = groups.get(row.category, 'stuff' if row.is_stuff else THINGS)
        kinds.setdefault(kind, []).append(row)
    return {
        kind: dict(
            _means(rows, min_iou),
            labels={
                label: _means([row for row in rows if row.category == label], min_iou)
                for label in sorted({row.category for row in rows})
            },
            sizes=_by_size(rows, min_iou),
        )
        for kind, rows in sorted(kinds.items())
    }


def print_tubes(rows: Mapping[str, Mapping], min_iou: float, title: str = '') -> None:
    """Print a line a group, and one a size of things."""
    lines = dict(rows)
    for size, row in rows.get(THINGS, {}).get('sizes', {}).items():
        lines[f'  of {size} %'] = row
    width = max(map(len, [title, *lines]))
    print(f'{title:<{width}}{"objects":>9}{"IoU":>8}{f"IoU >= {min_iou:g}":>13}')
    for kind, row in lines.items():
        print(
            f'{kind:<{width}}{row["objects"]:>9}{row["iou"]:>8.3f}{row["fit"]:>13.1%}'
        )


def _by_size(rows: Sequence[TubeFit], min_iou: float) -> dict[str, dict]:
    found = {}
    for low, high in pairwise(SIZES):
        # The whole image belongs to the last group.
        part = [
            row
            for row in rows
            if low <= 100 * row.size < high or 100 * row.size == high == SIZES[-1]
        ]
        if part:
            found[f'{low:g} to {high:g}'] = _means(part, min_iou)
    return found


def _means(rows: Sequence[TubeFit], min_iou: float) -> dict[str, float]:
    ious = [row.iou for row in rows]
    fit = sum(iou >= min_iou for iou in ious) / len(ious)
    return dict(objects=len(ious), iou=sum(ious) / len(ious), fit=fit)
