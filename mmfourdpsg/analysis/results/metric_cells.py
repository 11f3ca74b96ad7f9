"""Cells of tables: means over seeds, metrics, and what a paper prints beside them."""

import statistics
from collections.abc import Iterable, Mapping, Sequence

PRINTED = 'printed'
"""Entry of a record: kind of table -> title -> what the paper prints for the row."""


def spread(values: Sequence[float | None]) -> str:
    """Return a mean, with the standard deviation of several values."""
    known = [value for value in values if value is not None]
    if not known:
        return '-'
    mean = f'{statistics.mean(known):.2f}'
    return mean if len(known) == 1 else f'{mean} ± {statistics.stdev(known):.2f}'


def markdown_table(titles: Iterable[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Return a table with a line for each name."""
    titles = list(titles)
    lines = [f'| | {" | ".join(titles)} |', '|---' * (1 + len(titles)) + '|']
    lines += [f'| {name} | {" | ".join(cells)} |' for name, cells in rows.items()]
    return '\n'.join(lines)


def metrics_table(
    rows: Mapping[str, Sequence[Mapping]], titles: Mapping[str, str], kind: str = ''
) -> str:
    """Return a table of some metrics, and beside them what the paper prints.

    Args:
        rows: Name of a row -> records of its seeds, at least one.
        titles: Title -> metric.
        kind: Kind of the table in :data:`PRINTED`.
    """
    beside = printed_titles(rows, kind)
    cells = {
        name: [
            spread([row['metrics'].get(key) for row in records])
            for key in titles.values()
        ]
        + printed_cells(records, kind, beside)
        for name, records in rows.items()
    }
    return markdown_table([*titles, *beside], cells)


def printed_titles(rows: Mapping[str, Sequence[Mapping]], kind: str) -> list[str]:
    """Return the titles of what the paper prints for any of some rows."""
    titles: dict[str, None] = {}
    for records in rows.values():
        titles |= dict.fromkeys(_printed(records, kind))
    return list(titles)


def printed_cells(
    records: Sequence[Mapping], kind: str, titles: Iterable[str]
) -> list[str]:
    """Return what the paper prints for a row under some titles."""
    printed = _printed(records, kind)
    return [printed.get(title, '-') for title in titles]


def _printed(records: Sequence[Mapping], kind: str) -> Mapping[str, str]:
    return (records[0].get(PRINTED) or {}).get(kind, {})
