"""Markdown tables that set methods beside each other and beside the paper's figures."""

import statistics
from collections.abc import Mapping, Sequence

from mmfourdpsg.evaluation.functional import SEEN, STAGES

from .metric_cells import (
    PRINTED,
    markdown_table,
    metrics_table,
    printed_cells,
    printed_titles,
    spread,
)
from .paired_bootstrap import METRICS, recall_interval
from .video_hits import VideoHits

Rows = Mapping[str, Sequence[Mapping]]
"""Name of a row, marked or not -> records of its seeds, at least one."""

NOTE = 'note'
"""Entry of what is printed for a row: what has to be known of it."""
GROUPS = ('head', 'body', 'tail')
KINDS = ('objects', 'predicates')


def paper_table(rows: Rows) -> str:
    """Return recalls as the paper prints them, R / mR, here and there (Table 2).

    Where records have hits by video, R@20 and mR@20 have a 95 % interval, see
    :func:`recall_interval`. Notes on the printed figures follow.
    """
    beside = printed_titles(rows, 'paper')
    titles = [f'R / mR@{k}' for k in (20, 50, 100)]
    cells = {}
    for name, records in rows.items():
        here = [
            f'{_mean(records, f"R@{k}")} / {_mean(records, f"mR@{k}")}'
            for k in (20, 50, 100)
        ]
        hits = VideoHits.from_records(records)
        intervals = [
            '-' if hits is None else str(recall_interval(hits, metric))
            for metric in METRICS
        ]
        there = printed_cells(records, 'paper', beside)
        cells[name] = [here[0], *intervals, *here[1:], *there]
    ranges = [f'{metric}, 95 % interval' for metric in METRICS]
    table = markdown_table([titles[0], *ranges, *titles[1:], *beside], cells)
    notes = [
        f'- {name}: {records[0][PRINTED][NOTE]}'
        for name, records in rows.items()
        if (records[0].get(PRINTED) or {}).get(NOTE)
    ]
    return '\n'.join([table, '', *notes]) if notes else table


def stages_table(rows: Rows) -> str:
    """Return the recall of each stage at 20 in percent (paper, Table 4)."""
    return metrics_table(rows, {name: f'{name} R@20' for name in STAGES}, 'stages')


def unseen_table(rows: Rows) -> str:
    """Return recall of seen and unseen labels at 20 in percent (paper, Table 7)."""
    titles = {
        f'{group} {kind}': f'{group} {kind} R@20'
        for kind in KINDS
        for group in SEEN.least
    }
    return metrics_table(rows, titles, 'unseen')


def frequency_table(rows: Rows) -> str:
    """Return how much of frequent and rare labels is recognised (paper, Table 8)."""
    titles = {
        f'{group} {kind}': f'{group} {kind} accuracy'
        for kind in KINDS
        for group in GROUPS
    }
    return metrics_table(rows, titles, 'frequency')


def masks_table(rows: Rows) -> str:
    """Return the quality of the masks alone, in percent."""
    names = ('VPQ', 'STQ', 'SQ', 'AQ')
    return metrics_table(rows, dict(zip(names, names, strict=True)))


def cost_table(rows: Rows) -> str:
    """Return sizes of models, and how long they trained and take for a video."""
    titles = {
        'million parameters': ('parameters', 1e6),
        'minutes of training': ('train_seconds', 60),
        'seconds a video': ('seconds_a_video', 1),
    }
    cells = {
        name: [
            spread([row[key] / unit for row in records if key in row])
            for key, unit in titles.values()
        ]
        for name, records in rows.items()
    }
    return markdown_table(titles, cells)


def _mean(records: Sequence[Mapping], key: str) -> str:
    known = [row['metrics'][key] for row in records if row['metrics'][key] is not None]
    return f'{statistics.mean(known):.2f}' if known else '-'
