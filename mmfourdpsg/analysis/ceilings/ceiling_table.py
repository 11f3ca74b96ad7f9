"""Table of ceilings, scored by the strict protocol."""

import math
from collections.abc import Mapping, Sequence

from mmfourdpsg.evaluation.functional import recall_by_predicate
from mmfourdpsg.evaluation.scores import SceneGraphScores, score_scene_graphs
from mmfourdpsg.structures import SceneGraph

RECALLS = ('R@20', 'mR@20', 'R@50', 'R@100')


def score_ceiling(
    truths: Sequence[SceneGraph], predictions: Sequence[SceneGraph]
) -> SceneGraphScores:
    """Return all scores of a ceiling that its table needs."""
    return score_scene_graphs(truths, predictions, stages=True)


def ceiling_table(rows: Mapping[str, SceneGraphScores]) -> str:
    """Return a line a ceiling: recalls in percent, errors of times in frames."""
    width = max(map(len, rows), default=0)
    heads = [*RECALLS, 'predicate', 'begin off', 'end off', 'above 0']
    lines = [f'{"":<{width}}' + ''.join(f'{head:>11}' for head in heads)]
    for name, scores in rows.items():
        whole = scores.relations.whole
        values = [scores.recall.metrics[key] for key in RECALLS]
        values += [whole.predicate_accuracy, whole.begin_error, whole.end_error]
        cells = ''.join(
            f'{"-" if math.isnan(value) else f"{value:.2f}":>11}' for value in values
        )
        found = _predicates_found(scores)
        lines.append(f'{name:<{width}}{cells}{found:>11}')
    return '\n'.join(lines)


def _predicates_found(scores: SceneGraphScores) -> str:
    """Return how many predicates are found at all, of how many."""
    recalls = recall_by_predicate(scores.recall.matches, scores.topk[0])
    return f'{sum(recall > 0 for recall, _ in recalls.values())} of {len(recalls)}'
