import math
from dataclasses import astuple

import numpy as np
import pytest

from mmfourdpsg.evaluation.functional import part_scores
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError


def _tube(first, last, frames=range(4)):
    mask = np.zeros((1, 12), dtype=bool)
    mask[0, first : last + 1] = True
    return MaskTube.from_masks(dict.fromkeys(frames, mask), 1, 12)


def _graph(objects, relations=(), video_id='v'):
    objects = [SceneObject(i, name, tube=tube) for i, (name, tube) in objects.items()]
    return SceneGraph(video_id, 1, 12, 4, objects, relations)


CUPS = {
    0: ('cup', _tube(0, 3)),
    1: ('cup', _tube(4, 7)),
    2: ('tray', _tube(8, 11)),
}


def test_the_ground_truth_scores_100():
    graph = _graph(CUPS, [Relation(0, 'on', 2, [(0, 3)])])
    scores = part_scores([graph], [graph], baseline=[graph])
    assert astuple(scores) == (100,) * 5 + (1, 100)


def test_each_part_is_measured_where_the_parts_before_are_right():
    truth = _graph(
        CUPS,
        [
            Relation(0, 'on', 2, [(0, 3)]),
            Relation(0, 'next to', 1, [(0, 3)]),
            Relation(2, 'under', 0, [(0, 3)]),
        ],
    )
    found = _graph(
        {
            # Ids differ, the second cup overlaps the first more than its own.
            5: ('cup', _tube(4, 7)),
            6: ('cup', _tube(1, 3)),
            7: ('tray', _tube(11, 11)),
            8: ('pen', _tube(8, 11)),
        },
        [
            Relation(6, 'behind', 5, [(0, 3)], 0.2),
            Relation(6, 'next to', 5, [(2, 3)], 0.9),
            Relation(6, 'on', 7, [(0, 3)], 1.0),
        ],
    )
    scores = part_scores([truth], [found])
    assert scores.object_precision == pytest.approx(100 * 2 / 4)
    assert scores.object_recall == pytest.approx(100 * 2 / 3)
    assert scores.tube_iou == pytest.approx(100 * (1 + 3 / 4 + 1 / 4) / 3)
    # The tray was not found, so only the pair of cups counts.
    assert scores.predicate_accuracy == 100
    assert scores.span_iou == pytest.approx(50)
    assert scores.predicate_pairs == 1
    assert math.isnan(scores.baseline_predicate_accuracy)


def test_a_baseline_is_scored_on_the_pairs_that_the_prediction_relates():
    truth = _graph(
        CUPS,
        [
            Relation(0, 'on', 2, [(0, 3)]),
            Relation(1, 'on', 2, [(0, 3)]),
            Relation(0, 'next to', 1, [(0, 3)]),
        ],
    )
    found = _graph(
        CUPS, [Relation(0, 'on', 2, [(0, 3)]), Relation(1, 'in', 2, [(0, 3)])]
    )
    # Other ids; of the two pairs it has one, whose predicate is right, and what it
    # says of the third, wrongly, does not count.
    baseline = _graph(
        {index + 4: item for index, item in CUPS.items()},
        [Relation(5, 'on', 6, [(0, 3)]), Relation(4, 'in', 5, [(0, 3)])],
    )
    scores = part_scores([truth], [found], baseline=[baseline])
    assert (scores.predicate_accuracy, scores.predicate_pairs) == (50, 2)
    assert scores.baseline_predicate_accuracy == 50
    # A video that it has nothing of is wrong there.
    with pytest.warns(UserWarning, match='1 of 1 videos have no prediction'):
        scores = part_scores([truth], [found], baseline=[])
    assert scores.baseline_predicate_accuracy == 0
    other = _graph(CUPS, video_id='of another split')
    with pytest.raises(InputError, match='not in the ground truth'):
        part_scores([truth], [found], baseline=[other])


def test_pairs_are_chosen_for_the_greatest_sum():
    truth = _graph({0: ('cup', _tube(0, 5)), 1: ('cup', _tube(4, 7))})
    found = _graph({0: ('cup', _tube(2, 6)), 1: ('cup', _tube(0, 4))})
    # Either could take prediction 0; prediction 1 fits only object 0.
    expected = (5 / 6 + 3 / 6) / 2
    assert part_scores([truth], [found]).tube_iou == pytest.approx(100 * expected)


def test_what_cannot_be_measured_is_nan_and_missing_videos_lower_recall():
    graphs = [_graph(CUPS, video_id=name) for name in 'ab']
    with pytest.warns(UserWarning, match='1 of 2 videos have no prediction'):
        scores = part_scores(graphs, graphs[:1])
    assert (scores.object_recall, scores.object_precision) == (50, 100)
    assert math.isnan(scores.predicate_accuracy) and math.isnan(scores.span_iou)
    nothing = astuple(part_scores([_graph({})], [_graph({})]))
    assert nothing[5] == 0
    assert all(math.isnan(value) for value in nothing[:5] + nothing[6:])
