"""Markdown tables of records: recalls, parts, scores of tests and of weights."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence

from .benchmark_tables import (
    cost_table,
    frequency_table,
    masks_table,
    paper_table,
    stages_table,
    unseen_table,
)
from .metric_cells import PRINTED, spread
from .paired_bootstrap import CONFIDENCE, METRICS, paired_difference
from .power import power_note
from .records import MARK
from .video_hits import VideoHits

RECALLS = ('R@20', 'mR@20', 'R@50', 'mR@50', 'R@100', 'mR@100')
BASELINE = 'baseline_predicate_accuracy'
PARTS = {
    'object_precision': 'object precision',
    'object_recall': 'object recall',
    'tube_iou': 'tube IoU',
    'predicate_accuracy': 'predicate accuracy',
    BASELINE: "the baseline's on the same pairs",
    'span_iou': 'span IoU',
}
AGAINST = 'against the first row'
COUNTS = {
    'predicate_pairs': 'pairs',
    'objects': 'objects',
    'relations': 'relations',
}


def study_tables(rows: Mapping[str, Sequence[Mapping]]) -> str:
    """Return all tables in which any row has something, and notes on them.

    Args:
        rows: Name of a row, marked or not -> records of its seeds, at least one.
    """
    tables = [recall_table(rows), parts_table(rows)]
    printed = any(records[0].get(PRINTED) for records in rows.values())
    for kind, what in BENCHMARK.items():
        table = STUDY_TABLES[kind](rows)
        known = any(_has_value(line) for line in table.splitlines()[2:])
        if known and (printed or kind != 'paper'):
            tables.append(f'{what}:\n\n{table}')
    text = '\n\n'.join(tables)
    return f'{text}{_note(rows)}{_difference_note(tables[0])}'


def study_table(kind: str, rows: Mapping[str, Sequence[Mapping]]) -> str:
    """Return one table and what its mark means.

    Args:
        kind: One of :data:`STUDY_TABLES`.
        rows: As of :func:`study_tables`.
    """
    table = STUDY_TABLES[kind](rows)
    if kind == 'power':
        return table
    return table + _note(rows) + _difference_note(table)


def recall_table(rows: Mapping[str, Sequence[Mapping]]) -> str:
    """Return recalls in percent, steps and minutes; rows as of :func:`study_tables`.

    Where records have hits by video, rows are compared with the first one, see
    :func:`paired_difference`.
    """
    differences = _differences(rows)
    titles = [*RECALLS]
    if differences:
        titles += [f'{metric} {AGAINST}' for metric in METRICS]
    lines = [
        f'| | seeds | steps | minutes | {" | ".join(titles)} |',
        '|---' * (4 + len(titles)) + '|',
    ]
    for name, records in rows.items():
        steps = records[0].get('steps')
        seconds = [row['train_seconds'] for row in records if 'train_seconds' in row]
        minutes = f'{statistics.mean(seconds) / 60:.1f}' if seconds else '-'
        cells = [spread([row['metrics'][key] for row in records]) for key in RECALLS]
        if differences:
            cells += differences.get(name, ['-'] * len(METRICS))
        number = len(records) if steps else '-'
        lines.append(
            f'| {name} | {number} | {steps or "-"} | {minutes} | {" | ".join(cells)} |'
        )
    return '\n'.join(lines)


def power_line(rows: Mapping[str, Sequence[Mapping]]) -> str:
    """Return which differences a table can show; rows as of :func:`study_tables`."""
    hits = {name: VideoHits.from_records(records) for name, records in rows.items()}
    return power_note({name: row for name, row in hits.items() if row is not None})


def _differences(rows: Mapping[str, Sequence[Mapping]]) -> dict[str, list[str]]:
    """Return the cells that compare rows with the first one, of those that can be."""
    (_, first), *others = rows.items()
    reference = VideoHits.from_records(first)
    if reference is None:
        return {}
    cells = {}
    for name, records in others:
        hits = VideoHits.from_records(records)
        if hits is not None and hits.is_paired_with(reference):
            cells[name] = [
                str(paired_difference(hits, reference, metric)) for metric in METRICS
            ]
    return cells


def parts_table(rows: Mapping[str, Sequence[Mapping]]) -> str:
    """Return scores of the parts in percent, and of how much they are.

    What no record of the table knows of, such as a baseline, has no column.

    Args:
        rows: As of :func:`study_tables`.
    """
    flat = {
        name: [dict(record, **record['parts']) for record in records]
        for name, records in rows.items()
    }
    known = [
        key
        for key in (*PARTS, *COUNTS)
        if any(key in row for records in flat.values() for row in records)
    ]
    if all(row.get(BASELINE) is None for records in flat.values() for row in records):
        known = [key for key in known if key != BASELINE]
    titles = {**PARTS, **COUNTS}
    lines = [
        f'| | {" | ".join(titles[key] for key in known)} |',
        '|---' * (1 + len(known)) + '|',
    ]
    for name, records in flat.items():
        cells = []
        for key in known:
            values = [row.get(key) for row in records]
            measured = [value for value in values if value is not None]
            if key in PARTS:
                cells.append(spread(values))
            else:
                cells.append(f'{statistics.mean(measured):.0f}' if measured else '-')
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


STUDY_TABLES = dict(
    recall=recall_table,
    parts=parts_table,
    paper=paper_table,
    stages=stages_table,
    masks=masks_table,
    unseen=unseen_table,
    frequency=frequency_table,
    cost=cost_table,
    power=power_line,
)
"""What a block of the page may ask for, beside curves."""


def scores_table(records: Sequence[Mapping]) -> str:
    """Return a line a record of a test, as :func:`read_test_records` gives them."""
    lines = ['| what | command | scores |', '|---|---|---|']
    for record in records:
        options = record['options']
        command = f'tools/test.py {record["config"]} {record["checkpoint"]}'
        command += f' --cfg-options {" ".join(options)}' if options else ''
        scores = _named_scores(record['metrics'])
        lines.append(f'| {record["name"]} | `{command}` | {scores} |')
    return '\n'.join(lines) + _note(record['name'] for record in records)


def foundation_table(scores: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """Return scores of weights, as :func:`read_foundation_scores` gives them."""
    lines = [
        '| weights | epochs of the last stage | scores on unseen scenes |',
        '|---|---|---|',
    ]
    for (epochs, text), names in scores.items():
        quoted = ', '.join(f'`{name}`' for name in names)
        lines.append(f'| {quoted} | {epochs} | {_named_scores(json.loads(text))} |')
    return '\n'.join(lines)


BENCHMARK = dict(
    paper="Recall, here and as the paper prints it (its data and metric are others')",
    stages='Recall of stages at 20',
    masks='Masks alone',
    unseen='Recall of seen and unseen labels at 20',
    frequency='Recognised on matched tubes, by how often training has the label',
    cost='Cost',
)
"""Kinds of tables beside recall and parts -> what they show."""


def _has_value(line: str) -> bool:
    """Return whether a line of a table has something beside the row's name."""
    return any(cell.strip(' -') for cell in line.split('|')[2:])


def _note(names: Iterable[str]) -> str:
    """Return what stands below a table: what the mark means, if a row has it."""
    if not any(name.endswith(MARK) for name in names):
        return ''
    return (
        f'\n\n{MARK.strip()} made with an earlier recipe or earlier foundation weights'
    )


def _difference_note(table: str) -> str:
    """Return what stands below a table that compares rows with its first one."""
    if AGAINST not in table:
        return ''
    return (
        f'\n\n{AGAINST.capitalize()}: points of percent, and a '
        f'{100 * CONFIDENCE:.0f} % bootstrap interval over paired videos'
    )


def _named_scores(scores: Mapping[str, float]) -> str:
    """Return scores and their names, for a cell."""
    return ', '.join(
        f'{key.replace("/", " ").replace("_", " ")} {value:.2f}'
        for key, value in scores.items()
        if not key.endswith('time')
    )
