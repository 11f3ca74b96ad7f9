import math

import numpy as np
import pytest

from mmfourdpsg.evaluation.functional import FrequencyGroups
from mmfourdpsg.evaluation.report import (
    groups_table,
    recall_table,
    score_report,
    stages_table,
)
from mmfourdpsg.evaluation.scores import score_scene_graphs
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError


def a_graph(*predicates):
    masks = np.zeros((2, 4, 6), bool)
    masks[0, :2, :3] = masks[1, 2:, 3:] = True
    objects = [
        SceneObject(i, name, tube=MaskTube.from_masks({0: masks[i], 1: masks[i]}, 4, 6))
        for i, name in enumerate(('cup', 'tray'))
    ]
    relations = [Relation(0, name, 1, [(0, 1)], 1.0) for name in predicates]
    return SceneGraph('v', 4, 6, 2, objects, relations)


@pytest.fixture(scope='module')
def scores():
    return score_scene_graphs(
        [a_graph('in', 'on')],
        [a_graph('in')],
        topk=(1, 5),
        baseline=[a_graph('on')],
        stages=True,
        masks=True,
        train=[a_graph('in')],
    )


def test_everything_scored_is_told_in_its_order(scores):
    tables = score_report(scores).split('\n\n')
    assert [table.split()[0] for table in tables] == [
        'predicate', 'parts', 'stages', 'given', 'masks', 'objects', 'predicates',
        'recognised', 'protocol:',
    ]  # fmt: skip
    assert tables[-1] == 'protocol: strict, labels: exact'
    assert '  the baseline right on the same          100.00' in tables[1].splitlines()


def test_what_was_not_asked_for_is_not_told():
    graphs = [a_graph('in')], [a_graph('in')]
    report = score_report(score_scene_graphs(*graphs, topk=(1,)))
    assert [table.split()[0] for table in report.split('\n\n')] == [
        'predicate', 'parts', 'protocol:',
    ]  # fmt: skip
    assert 'baseline' not in report
    of_frames = score_scene_graphs(*graphs, topk=(1,), protocol='sgdet')
    assert of_frames.parts is None
    assert 'parts' not in score_report(of_frames)


def test_metrics_are_named_as_in_the_tables(scores):
    metrics = scores.to_dict()
    assert metrics['info'] == dict(protocol='strict', labels='exact')
    assert (metrics['R@1'], metrics['mR@5']) == (50.0, 50.0)
    assert metrics['quintuples R@5'] == 50.0
    # Both relations are of the one pair.
    assert metrics['predicate_accuracy/in'] == 100.0
    assert metrics['predicate_accuracy/on'] == metrics['time_error_frames'] == 0.0
    assert metrics['VPQ'] == 100.0
    assert metrics['seen predicates R@5'] == 100.0
    assert metrics['unseen predicates R@5'] == 0.0
    assert metrics['seen predicates accuracy'] == 100.0


def test_without_ground_truth_a_metric_is_none():
    scores = score_scene_graphs([a_graph()], [a_graph('in')], topk=(1,))
    assert scores.to_dict()['R@1'] is None
    assert math.isnan(scores.recall.metrics['R@1'])


def test_recall_stands_by_predicate_and_over_all(scores):
    assert recall_table(scores.recall, scores.topk).splitlines() == [
        'predicate    number       @1       @5',
        'in                1   100.00   100.00',
        'on                1     0.00     0.00',
        'all (R@K)         2    50.00    50.00',
        'mean (mR@K)       2    50.00    50.00',
    ]


def test_what_cannot_be_measured_is_a_dash():
    stages = dict(objects=100.0, pairs=50.0, triplets=math.nan, quintuples=math.nan)
    assert stages_table({20: stages}).splitlines()[-2:] == [
        'triplets            -',
        'quintuples          -',
    ]
    recalls = dict(objects=dict(seen=(50.0, 2), unseen=(math.nan, 0)))
    assert groups_table({20: recalls}).splitlines() == [
        'objects      number      @20',
        'seen              2    50.00',
        'unseen            0        -',
    ]


def test_groups_are_read_from_a_command_line():
    assert FrequencyGroups.from_text(['head=3', 'tail=0']).least == dict(head=3, tail=0)
    with pytest.raises(InputError, match='--groups head: expected NAME=LEAST'):
        FrequencyGroups.from_text(['head'])
