import math
import warnings

import numpy as np
import pytest
from dense_reference import FRAMES, data_sets, dense_iou
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation.functional import (
    CONSTRAINTS,
    constrain,
    evaluate_sgdet,
    region_ious,
    sgdet_recall_by_predicate,
)
from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.utils import InputError


def in_frame(row, frame):
    return any(start <= frame <= end for start, end in row.span)


def reference_ranks(truth, prediction, frame, constraint, k):
    """Return for each relation of a frame whether it is found, by plain loops."""
    wanted = [row for row in truth.relations if in_frame(row, frame)]
    rows = [r for r in prediction.relations if in_frame(r, frame)] if prediction else []
    rows = sorted(rows, key=lambda row: -(row.score or 0))
    if constraint == 'pair':
        rows = [
            row
            for i, row in enumerate(rows)
            if (row.subject, row.object)
            not in [(r.subject, r.object) for r in rows[:i]]
        ]
    found = set()
    for row in rows[:k]:
        for index, other in enumerate(wanted):
            right = row.predicate == other.predicate
            for role in ('subject', 'object'):
                one = truth.object_by_id(getattr(other, role))
                two = prediction.object_by_id(getattr(row, role))
                masks = [
                    item.tube.decode(frame)
                    if item.tube is not None
                    else np.zeros((truth.height, truth.width), bool)
                    for item in (one, two)
                ]
                right &= one.category == two.category and dense_iou(*masks) >= 0.5
            if right:
                found.add(index)
    return wanted, found


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(videos=data_sets())
def test_recall_equals_the_dense_reference(videos):
    truths, predictions = videos
    for constraint in ('pair', 'none'):
        for k in (1, 2, 20):
            recalls, by_predicate = [], {}
            for truth, prediction in zip(truths, predictions, strict=True):
                for frame in range(FRAMES):
                    wanted, found = reference_ranks(
                        truth, prediction, frame, constraint, k
                    )
                    if not wanted:
                        continue
                    recalls.append(len(found) / len(wanted))
                    names = [row.predicate for row in wanted]
                    for name in set(names):
                        here = [i for i, other in enumerate(names) if other == name]
                        share = np.mean([i in found for i in here])
                        by_predicate.setdefault(name, []).append(share)
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')
                result = evaluate_sgdet(
                    truths,
                    [graph for graph in predictions if graph is not None],
                    (k,),
                    constraint=constraint,
                )
            mean = np.mean([np.mean(row) for row in by_predicate.values()] or math.nan)
            assert result.metrics == {
                f'R@{k}': pytest.approx(
                    100 * np.mean(recalls or math.nan), nan_ok=True
                ),
                f'mR@{k}': pytest.approx(100 * mean, nan_ok=True),
            }


def image(name, rows, boxes, categories='abc'):
    objects = [
        SceneObject(i, category, boxes={0: box} if box else None)
        for i, (category, box) in enumerate(zip(categories, boxes, strict=True))
    ]
    relations = [Relation(s, p, o, [(0, 0)], score) for s, p, o, score in rows]
    return SceneGraph(name, 20, 20, 1, objects, relations)


BOXES = [(0, 0, 10, 10), (10, 0, 20, 10), (0, 10, 10, 20)]


def test_images_weigh_the_same_and_those_without_prediction_count():
    one = image('1', [(0, 'on', 1, None)], BOXES)
    two = image('2', [(0, 'on', 1, None), (1, 'by', 2, None)], BOXES)
    three = image('3', [(0, 'by', 1, None)], BOXES)
    empty = image('4', [], BOXES)
    given_ones = [
        image('1', [(0, 'on', 1, 0.9)], BOXES),
        image('2', [(0, 'on', 1, 0.9)], BOXES),
        image('4', [(0, 'on', 1, 0.9)], BOXES),
    ]
    with pytest.warns(UserWarning, match='1 of 4 videos have no prediction'):
        result = evaluate_sgdet([one, two, three, empty], given_ones, (5,), 'box')
    assert result.metrics['R@5'] == pytest.approx(100 * (1 + 0.5 + 0) / 3)
    # "on" in two images, "by" in two others.
    assert result.metrics['mR@5'] == pytest.approx(100 * (1 + 0) / 2)
    table = sgdet_recall_by_predicate(result.matches, 5)
    assert table == dict(by=(0, 2), on=(100, 2))
    assert result.protocol == 'sgdet, box IoU, constraint pair'


def test_one_prediction_may_find_several():
    truth = image('1', [(0, 'on', 1, None), (2, 'on', 1, None)], BOXES, 'aba')
    # The third box has an IoU of exactly one half with each of the two.
    objects = [BOXES[0], BOXES[1], (0, 0, 10, 20)]
    assert region_ious(truth, image('1', [], objects), 0, 'box')[2, 2] == 0.5
    given_one = image('1', [(2, 'on', 1, 0.5)], objects, 'aba')
    assert evaluate_sgdet([truth], [given_one], (1,), 'box').metrics['R@1'] == 100


def test_a_pair_has_one_predicate_unless_allowed():
    rows = [
        (0, 'holding', 1, 0.9),
        (0, 'looking at', 1, 0.8),
        (0, 'touching', 1, 0.7),
        (0, 'unsure', 1, 0.6),
        (1, 'behind', 0, 0.5),
    ]
    relations = image('1', rows, BOXES).relations
    names = {
        constraint: [row.predicate for row in constrain(relations, constraint)]
        for constraint in CONSTRAINTS
    }
    assert names == {
        'pair': ['holding', 'behind'],
        'action-genome': ['holding', 'looking at', 'behind'],
        'none': [row[1] for row in rows],
    }
    truth = image('1', [(0, 'touching', 1, None), (1, 'behind', 0, None)], BOXES)
    recalls = [
        evaluate_sgdet([truth], [image('1', rows, BOXES)], (4,), 'box', constraint)
        for constraint in CONSTRAINTS
    ]
    # The fifth is past the cut once none is left out.
    assert [result.metrics['R@4'] for result in recalls] == [50, 50, 50]


def test_a_mask_stands_in_for_a_missing_box_and_a_box_for_no_mask():
    mask = np.zeros((20, 20), bool)
    mask[2:6, 3:11] = True
    tube = MaskTube.from_masks({0: mask}, 20, 20)
    boxed = [
        SceneObject(0, 'a', boxes={1: (0, 0, 4, 4)}),
        SceneObject(1, 'a', tube=tube),
    ]
    other = [SceneObject(5, 'a', boxes={0: (3, 2, 11, 6), 1: (0, 2, 4, 6)})]
    graphs = [SceneGraph('v', 20, 20, 2, objects) for objects in (boxed, other)]
    assert region_ious(*graphs, 0, 'box') == {(0, 5): 0, (1, 5): 1}
    assert region_ious(*graphs, 1, 'box') == {(0, 5): pytest.approx(1 / 3), (1, 5): 0}
    # Boxes are no masks.
    assert region_ious(*graphs, 0, 'mask') == {(0, 5): 0, (1, 5): 0}


@pytest.mark.parametrize(
    'options', [dict(region='tube'), dict(constraint='two'), dict(topk=(0,))]
)
def test_unknown_options_are_refused(options):
    with pytest.raises(InputError, match='expected'):
        evaluate_sgdet([], [], **options)
    with pytest.raises(InputError, match='expected'):
        METRICS.build(dict(type='SGDetMetric', **options))


def test_the_metric_scores_what_it_was_given():
    truth = image('1', [(0, 'on', 1, None), (1, 'by', 2, None)], BOXES)
    sample = SceneGraphDataSample()
    sample.gt_scene_graph = truth
    sample.pred_scene_graph = image('1', [(0, 'by', 1, 0.9), (0, 'on', 1, 0.8)], BOXES)
    options = dict(topk=(1, 2), region='box', constraint='none')
    metric = METRICS.build(dict(type='SGDetMetric', **options))
    metric.process(None, [sample])
    assert metric.evaluate(1) == {
        'sgdet/R@1': 0,
        'sgdet/mR@1': 0,
        'sgdet/R@2': 50,
        'sgdet/mR@2': 50,
    }
