import warnings
from dataclasses import replace

import numpy as np
import pytest
from dense_reference import data_sets
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation.functional import (
    REASONS,
    evaluate_scene_graphs,
    match_strict,
    recall_losses,
)
from mmfourdpsg.evaluation.functional.relation_match import rank_relations
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject

FRAMES = 10


def a_tube(column, frames=FRAMES):
    mask = np.zeros((4, 40), bool)
    mask[:, 4 * column : 4 * column + 4] = True
    return MaskTube.from_masks(dict.fromkeys(range(frames), mask), 4, 40)


def a_graph(objects, rows):
    """Objects as id -> (category, column), rows with scores that fall."""
    return SceneGraph(
        'v',
        4,
        40,
        FRAMES,
        [SceneObject(i, name, tube=a_tube(at)) for i, (name, at) in objects.items()],
        [
            Relation(*row[:3], [row[3] if len(row) > 3 else (0, 9)], 1 - i / 100)
            for i, row in enumerate(rows)
        ],
    )


THINGS = {0: ('cup', 0), 1: ('table', 1), 2: ('cup', 2), 3: ('dog', 3)}
TRUTH = a_graph(THINGS, [(0, 'on', 1)])


def explain(objects, rows, truth=TRUTH, k=20):
    return recall_losses([truth], [a_graph(objects, rows)], k)


@pytest.mark.parametrize(
    ('objects', 'rows', 'reason', 'rank', 'failures'),
    [
        (THINGS, [(0, 'on', 1)], 'found', 0, []),
        (THINGS, [(0, 'on', 1, (0, 3))], 'span', 0, ['span']),
        (THINGS, [(0, 'in', 1)], 'predicate', 0, ['predicate']),
        # A wrong span as well is told only where nothing else is wrong.
        (THINGS, [(0, 'in', 1, (8, 9))], 'predicate', 0, ['predicate']),
        (THINGS, [(2, 'on', 1)], 'subject mask', 0, ['subject mask']),
        (
            {0: ('cup', 0), 1: ('table', 7)},
            [(0, 'on', 1)],
            'object mask',
            0,
            ['object mask'],
        ),
        (
            {0: ('cup', 5), 1: ('table', 7)},
            [(0, 'on', 1)],
            'both masks',
            0,
            ['subject mask', 'object mask'],
        ),
        (
            {0: ('mug', 0), 1: ('table', 7)},
            [(0, 'in', 1)],
            'label',
            0,
            ['subject label', 'object mask', 'predicate'],
        ),
        # Of two the one that gets less wrong, though ranked lower.
        (THINGS, [(2, 'in', 1), (0, 'in', 1)], 'predicate', 1, ['predicate']),
        (THINGS, [(3, 'on', 2)], 'never mentioned, both found', None, []),
        (
            {0: ('cup', 0), 3: ('dog', 3)},
            [],
            'never mentioned, one object found',
            None,
            ['object'],
        ),
        ({}, [], 'never mentioned, no object found', None, ['subject', 'object']),
    ],
)
def test_a_loss_has_the_reason_that_needs_the_least_mending(
    objects, rows, reason, rank, failures
):
    (loss,) = explain(objects, rows)
    assert (loss.reason, loss.rank, loss.failures) == (reason, rank, failures)


def test_a_low_rank_and_use_for_another_are_reasons():
    (loss,) = explain(THINGS, [(3, 'on', 1), (2, 'on', 1), (0, 'on', 1)], k=2)
    assert (loss.reason, loss.rank) == ('ranked too low', 2)
    twice = a_graph({**THINGS, 4: ('cup', 0)}, [(0, 'on', 1), (4, 'on', 1)])
    first, second = recall_losses([twice], [a_graph(THINGS, [(0, 'on', 1)])])
    assert [first.reason, second.reason] == ['found', 'used for another']
    assert second.failures == []


def test_missing_videos_are_missed():
    with pytest.warns(UserWarning, match='1 of 1 videos have no prediction'):
        (loss,) = recall_losses([TRUTH], [])
    assert loss.reason == 'never mentioned, no object found'


def mended(truth, prediction, loss):
    """Return a graph with the nearest prediction alone, its failures put right."""
    row = rank_relations(prediction)[loss.rank]
    objects = []
    for role in ('subject', 'object'):
        right = truth.object_by_id(getattr(loss.relation, role))
        item = prediction.object_by_id(getattr(row, role))
        if f'{role} label' in loss.failures:
            item = replace(item, category=right.category)
        if f'{role} mask' in loss.failures:
            item = replace(item, tube=right.tube)
        objects.append(replace(item, id=len(objects)))
    predicate = row.predicate
    if 'predicate' in loss.failures:
        predicate = loss.relation.predicate
    relation = Relation(0, predicate, 1, loss.relation.span, 1.0)
    sizes = truth.height, truth.width, truth.num_frames
    return SceneGraph(truth.video_id, *sizes, objects, [relation])


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(videos=data_sets())
def test_losses_agree_with_recall_and_mending_their_reasons_is_enough(videos):
    truths, predictions = videos
    given_ones = [graph for graph in predictions if graph is not None]
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        losses = recall_losses(truths, given_ones, k=3)
        recall = evaluate_scene_graphs(truths, given_ones, (3,)).metrics['R@3']
    assert [loss.relation for loss in losses] == [
        row for graph in truths for row in graph.relations
    ]
    assert {loss.reason for loss in losses} <= set(REASONS)
    if losses:
        share = sum(loss.reason == 'found' for loss in losses) / len(losses)
        assert 100 * share == pytest.approx(recall)
    by_id = {graph.video_id: graph for graph in given_ones}
    for truth in truths:
        for loss in losses:
            if loss.video_id != truth.video_id or loss.rank is None:
                continue
            if loss.reason in ('found', 'ranked too low'):
                continue
            visible = all(
                truth.object_by_id(getattr(loss.relation, role)).tube is not None
                and any(
                    start <= frame <= end
                    for frame in truth.object_by_id(
                        getattr(loss.relation, role)
                    ).tube.frames
                    for start, end in loss.relation.span
                )
                for role in ('subject', 'object')
            )
            if not visible:
                continue  # no mask can overlap with nothing
            alone = replace_relations(truth, [loss.relation])
            graph = mended(truth, by_id[truth.video_id], loss)
            assert match_strict(alone, graph).ranks == [0], loss


def replace_relations(graph, rows):
    return SceneGraph(
        graph.video_id, graph.height, graph.width, graph.num_frames, graph.objects, rows
    )
