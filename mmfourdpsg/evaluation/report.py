"""Tables of scores for a terminal."""

import math
from collections.abc import Iterable, Sequence

from .functional import (
    STAGES,
    Evaluation,
    PartScores,
    RelationAccuracy,
    SGDetEvaluation,
    recall_by_predicate,
    sgdet_recall_by_predicate,
)
from .scores import SceneGraphScores, Shares


def score_report(scores: SceneGraphScores) -> str:
    """Return the tables of all that was scored, and how it was."""
    tables = [recall_table(scores.recall, scores.topk)]
    if scores.parts is not None:
        tables.append(parts_table(scores.parts))
    if scores.stages:
        tables.append(stages_table(scores.stages))
    if scores.relations is not None:
        tables.append(relations_table(scores.relations))
    if scores.masks:
        tables.append(masks_table(scores.masks))
    if scores.groups:
        tables.append(groups_table(scores.groups))
        tables.append(accuracies_table(scores.accuracies))
    made = f'protocol: {scores.recall.protocol}, labels: {scores.recall.labels}'
    return '\n\n'.join([*tables, made])


def recall_table(result: Evaluation | SGDetEvaluation, topk: Sequence[int]) -> str:
    """Return recall by predicate and over all."""
    frames = isinstance(result, SGDetEvaluation)
    by_predicate = sgdet_recall_by_predicate if frames else recall_by_predicate
    tables = [by_predicate(result.matches, k) for k in topk]
    rows = [
        (predicate, count, [table[predicate][0] for table in tables])
        for predicate, (_, count) in tables[0].items()
    ]
    total = sum(count for _, count, _ in rows)
    rows.append(('all (R@K)', total, [result.metrics[f'R@{k}'] for k in topk]))
    rows.append(('mean (mR@K)', total, [result.metrics[f'mR@{k}'] for k in topk]))
    width = max(len(name) for name, _, _ in rows)
    lines = [f'{"predicate":<{width}} {"number":>7}{_heads(topk)}']
    for name, count, recalls in rows:
        cells = ''.join(f'{recall:9.2f}' for recall in recalls)
        lines.append(f'{name:<{width}} {count:>7}{cells}')
    return '\n'.join(lines)


def parts_table(scores: PartScores) -> str:
    """Return where the predictions lose, part by part."""
    rows = [
        ('objects found, of those predicted', scores.object_precision),
        ('objects found, of the ground truth', scores.object_recall),
        ('tube IoU, given the category', scores.tube_iou),
        ('best predicate right, given both objects', scores.predicate_accuracy),
        ('span IoU, given objects and predicate', scores.span_iou),
    ]
    lines = ['parts', *(f'{name:<41} {_cell(value):>6}' for name, value in rows)]
    name = 'pairs whose predicate is scored'
    lines.append(f'{name:<41} {scores.predicate_pairs:>6}')
    if not math.isnan(scores.baseline_predicate_accuracy):
        name = '  the baseline right on the same'
        lines.append(f'{name:<41} {_cell(scores.baseline_predicate_accuracy):>6}')
    return '\n'.join(lines)


def stages_table(recalls: dict[int, dict[str, float]]) -> str:
    """Return the recall of every stage at every K."""
    lines = [f'{"stages":<12}{_heads(recalls)}']
    for stage in STAGES:
        cells = ''.join(f'{_cell(row[stage]):>9}' for row in recalls.values())
        lines.append(f'{stage:<12}{cells}')
    return '\n'.join(lines)


def relations_table(scores: RelationAccuracy) -> str:
    """Return predicates given the pair and times given the triplet, by predicate."""
    rows = {**scores.by_predicate, 'all': scores.whole}
    width = max(len(name) for name in (*rows, 'predicate'))
    lines = [
        f'given the pair, then the triplet, of the first {scores.k} rows of a video',
        f'{"predicate":<{width}} {"number":>7}{"pairs":>7}{"right %":>9}'
        f'{"begin off":>11}{"end off":>9}{"span >= 0.5 %":>15}',
    ]
    for name, row in rows.items():
        lines.append(
            f'{name:<{width}} {row.total:>7}{row.pairs:>7}'
            f'{_cell(row.predicate_accuracy):>9}{_cell(row.begin_error):>11}'
            f'{_cell(row.end_error):>9}{_cell(row.span_accuracy):>15}'
        )
    mean = _cell(scores.mean_predicate_accuracy)
    lines.append(f'{"mean over predicates":<{width + 15}}{mean:>9}')
    return '\n'.join(lines)


def masks_table(scores: dict[str, float]) -> str:
    """Return the quality of the masks alone."""
    rows = [f'{name:<12}{_cell(value):>9}' for name, value in scores.items()]
    return '\n'.join(['masks', *rows])


def groups_table(recalls: dict[int, Shares]) -> str:
    """Return the recall of every group at every K, a table a kind of label."""
    tables = []
    for kind, groups in next(iter(recalls.values())).items():
        lines = [f'{kind:<12}{"number":>7}{_heads(recalls)}']
        for name, (_, number) in groups.items():
            cells = ''.join(
                f'{_cell(row[kind][name][0]):>9}' for row in recalls.values()
            )
            lines.append(f'{name:<12}{number:>7}{cells}')
        tables.append('\n'.join(lines))
    return '\n\n'.join(tables)


def accuracies_table(accuracies: Shares) -> str:
    """Return how much of what is segmented is named right, by groups."""
    lines = ['recognised on matched tubes']
    for kind, groups in accuracies.items():
        for name, (accuracy, number) in groups.items():
            lines.append(f'{f"{name} {kind}":<24}{number:>7}{_cell(accuracy):>9}')
    return '\n'.join(lines)


def _heads(topk: Iterable[int]) -> str:
    return ''.join(f'{f"@{k}":>9}' for k in topk)


def _cell(value: float) -> str:
    return '-' if math.isnan(value) else f'{value:.2f}'
