"""Predicates given the pair and times given the triplet, on graphs made by hand."""

import math

import numpy as np
import pytest

from mmfourdpsg.evaluation.functional import relation_accuracy
from mmfourdpsg.evaluation.report import relations_table
from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.utils import InputError

FRAMES = 10


def _tube(first, last, frames=range(FRAMES)):
    mask = np.zeros((1, 12), dtype=bool)
    mask[0, first : last + 1] = True
    return MaskTube.from_masks(dict.fromkeys(frames, mask), 1, 12)


def _graph(relations, objects=None, video_id='v', width=12):
    objects = objects or {
        0: ('cup', _tube(0, 3)),
        1: ('pen', _tube(4, 7)),
        2: ('tray', _tube(8, 11)),
    }
    rows = [SceneObject(i, name, tube=tube) for i, (name, tube) in objects.items()]
    return SceneGraph(video_id, 1, width, FRAMES, rows, relations)


TRUTH = _graph(
    [
        Relation(0, 'on', 2, [(0, 9)]),
        Relation(0, 'next to', 1, [(2, 5)]),
        Relation(1, 'on', 2, [(4, 9)]),
        Relation(2, 'under', 0, [(0, 9)]),
    ]
)


def test_the_ground_truth_has_all_right():
    found = relation_accuracy([TRUTH], [TRUTH])
    metrics = found.metrics()
    assert metrics['pair_recall'] == metrics['predicate_accuracy'] == 100
    assert metrics['predicate_accuracy/on'] == metrics['span_accuracy'] == 100
    assert metrics['time_error_frames'] == 0
    assert found.by_predicate['on'].total == 2


def test_predicates_count_where_the_pair_is_there_and_times_where_they_are_right():
    found = relation_accuracy(
        [TRUTH],
        [
            _graph(
                [
                    # A wrong predicate and, ranked lower, the right one.
                    Relation(0, 'in', 2, [(0, 9)], 0.9),
                    Relation(0, 'on', 2, [(1, 6)], 0.8),
                    Relation(0, 'on', 2, [(0, 9)], 0.1),
                    # The pair without its predicate.
                    Relation(1, 'in', 2, [(4, 9)], 0.7),
                    # Much too long.
                    Relation(0, 'next to', 1, [(0, 9)], 0.6),
                ]
            )
        ],
    )
    on = found.by_predicate['on']
    assert (on.total, on.pairs, on.right) == (2, 2, 1)
    assert (on.begin_errors, on.end_errors, on.spans_fit) == ([1], [3], 1)
    near = found.by_predicate['next to']
    assert (near.begin_error, near.end_error, near.span_accuracy) == (2, 4, 0)
    # The other way round is another pair.
    assert found.by_predicate['under'].pairs == 0
    metrics = found.metrics()
    assert metrics['pair_recall'] == 75
    assert metrics['predicate_accuracy'] == pytest.approx(100 * 2 / 3)
    assert metrics['mean_predicate_accuracy'] == 75
    assert metrics['time_error_frames'] == (1 + 3 + 2 + 4) / 4
    assert metrics['begin_error_frames'] == 1.5
    assert metrics['end_error_frames'] == 3.5
    assert metrics['span_accuracy'] == 50
    assert metrics['predicate_accuracy/on'] == 50
    assert metrics['time_error_frames/next to'] == 3
    assert 'predicate_accuracy/under' not in metrics


def test_rows_behind_the_first_k_do_not_count():
    rows = [Relation(0, 'in', 2, [(0, 9)], 0.9), Relation(0, 'on', 2, [(0, 9)], 0.5)]
    first, both = (relation_accuracy([TRUTH], [_graph(rows)], k) for k in (1, 2))
    assert (first.by_predicate['on'].pairs, first.by_predicate['on'].right) == (1, 0)
    assert both.by_predicate['on'].right == 1


@pytest.mark.parametrize(
    ('objects', 'pairs'),
    [
        ({0: ('mug', _tube(0, 3))}, 0),
        ({0: ('cup', _tube(3, 6))}, 0),
        # Half of the frames of the true span.
        ({0: ('cup', _tube(0, 3, range(5)))}, 1),
        ({0: ('cup', _tube(0, 3, range(4)))}, 0),
        ({0: ('cup', None)}, 0),
    ],
    ids=['other label', 'other place', 'half of the time', 'less', 'no mask'],
)
def test_a_pair_is_there_where_labels_and_masks_fit(objects, pairs):
    row = Relation(0, 'on', 2, [(0, 9)])
    objects = {**objects, 2: ('tray', _tube(8, 11))}
    found = relation_accuracy([_graph([row])], [_graph([row], objects)])
    assert found.whole.pairs == pairs
    # Without a pair nothing can be said of the predicate.
    assert math.isnan(found.whole.predicate_accuracy) == (not pairs)


def test_masks_are_compared_within_the_true_span_whatever_the_predicted_one():
    objects = {0: ('cup', _tube(0, 3, range(2, 6))), 2: ('tray', _tube(8, 11))}
    truth = _graph([Relation(0, 'on', 2, [(2, 5)])])
    found = relation_accuracy(
        [truth], [_graph([Relation(0, 'on', 2, [(8, 9)])], objects)]
    )
    assert found.whole.right == 1
    assert found.whole.time_error == (6 + 4) / 2


def test_what_is_missing_lowers_the_share_of_pairs_and_sizes_must_agree():
    with pytest.warns(UserWarning, match='1 of 1 videos have no prediction'):
        assert relation_accuracy([TRUTH], []).whole.pair_recall == 0
    other = _graph([], {0: ('cup', None)}, width=24)
    with pytest.raises(InputError, match='expected 1 x 12'):
        relation_accuracy([TRUTH], [other])


def test_the_metric_of_mmengine_gives_the_same():
    sample = SceneGraphDataSample(metainfo=dict(video_id='v'))
    sample.gt_scene_graph = TRUTH
    sample.pred_scene_graph = _graph([Relation(0, 'on', 2, [(1, 9)], 0.5)])
    metric = METRICS.build(dict(type='RelationAccuracyMetric', topk=(20,)))
    metric.process(None, [sample])
    scores = metric.evaluate(1)
    found = relation_accuracy([TRUTH], [sample.pred_scene_graph])
    assert scores == {f'relations/{k}': v for k, v in found.metrics().items()}
    assert scores['relations/predicate_accuracy/on'] == 100
    assert scores['relations/begin_error_frames'] == 1
    rows = [line.split() for line in relations_table(found).splitlines()]
    assert ['on', '2', '1', '100.00', '1.00', '0.00', '100.00'] in rows
    assert ['under', '1', '0', '-', '-', '-', '-'] in rows
    assert rows[-2][:3] == ['all', '4', '1']
