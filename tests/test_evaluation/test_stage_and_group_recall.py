import math
import warnings
from collections import Counter

import numpy as np
import pytest
from dense_reference import FRAMES, data_sets, dense, dense_iou, ranked
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation.functional import (
    SEEN,
    STAGES,
    FrequencyGroups,
    LabelCounts,
    evaluate_scene_graphs,
    group_accuracy,
    group_recall,
    stage_recall,
)
from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError

WHOLE = [(0, FRAMES + 4)]


def volume(graph, object_id):
    return dense(graph.object_by_id(object_id).tube, WHOLE, FRAMES + 5)


def category(graph, object_id):
    return graph.object_by_id(object_id).category


def reference_objects(truth, prediction, k):
    """Return the ids that are found, by plain loops."""
    taken = set()
    for item in sorted(prediction.objects, key=lambda item: -(item.score or 0))[:k]:
        ious = [
            (dense_iou(volume(truth, o.id), volume(prediction, item.id)), -i, o.id)
            for i, o in enumerate(truth.objects)
            if o.category == item.category and o.id not in taken
        ]
        best = max((row for row in ious if row[0] >= 0.5), default=None)
        if best is not None:
            taken.add(best[2])
    return taken


def reference_relations(truth, prediction, k, with_predicate):
    """Return how many pairs or triplets there are, and how many are found."""

    def rows(graph, relations):
        keys = [
            (r.subject, r.predicate if with_predicate else '', r.object)
            for r in relations
        ]
        return list(dict.fromkeys(keys))

    wanted = rows(truth, truth.relations)
    taken = set()
    given_rows = rows(prediction, ranked(prediction, 10**6))[:k] if prediction else []
    for subject, predicate, other in given_rows:
        best = None
        for index, (a, name, b) in enumerate(wanted):
            if index in taken or name != predicate:
                continue
            if category(truth, a) != category(prediction, subject):
                continue
            if category(truth, b) != category(prediction, other):
                continue
            least = min(
                dense_iou(volume(truth, a), volume(prediction, subject)),
                dense_iou(volume(truth, b), volume(prediction, other)),
            )
            if least >= 0.5 and (best is None or least > best[0]):
                best = (least, index)
        if best is not None:
            taken.add(best[1])
    return len(wanted), len(taken)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(videos=data_sets())
def test_stages_equal_the_dense_reference(videos):
    truths, predictions = videos
    given_ones = [graph for graph in predictions if graph is not None]
    for k in (1, 3, 20):
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            found = stage_recall(truths, given_ones, k)
            strict = evaluate_scene_graphs(truths, given_ones, (k,)).metrics[f'R@{k}']
            everyone = group_recall(
                truths,
                given_ones,
                LabelCounts(Counter('a'), Counter()),
                k=k,
            )
        assert tuple(found) == STAGES
        assert found['quintuples'] == pytest.approx(strict, nan_ok=True)
        totals = dict.fromkeys(('objects', 'a', 'pairs', 'triplets'), 0)
        hits = dict.fromkeys(totals, 0)
        for truth, prediction in zip(truths, predictions, strict=True):
            visible = [o for o in truth.objects if volume(truth, o.id).any()]
            taken = reference_objects(truth, prediction, k) if prediction else set()
            totals['objects'] += len(visible)
            hits['objects'] += len(taken)
            totals['a'] += sum(o.category == 'a' for o in visible)
            hits['a'] += sum(category(truth, i) == 'a' for i in taken)
            for stage, with_predicate in (('pairs', False), ('triplets', True)):
                total, number = reference_relations(
                    truth, prediction, k, with_predicate
                )
                totals[stage] += total
                hits[stage] += number
        shares = {
            name: 100 * hits[name] / totals[name] if totals[name] else math.nan
            for name in totals
        }
        for stage in STAGES[:3]:
            assert found[stage] == pytest.approx(shares[stage], nan_ok=True), stage
        seen, number = everyone['objects']['seen']
        assert number == totals['a']
        assert seen == pytest.approx(shares['a'], nan_ok=True)
        relations = sum(n for _, n in everyone['predicates'].values())
        assert relations == sum(len(truth.relations) for truth in truths)


def a_tube(column):
    mask = np.zeros((4, 12), bool)
    mask[:, 4 * column : 4 * column + 4] = True
    return MaskTube.from_masks(dict.fromkeys(range(10), mask), 4, 12)


def a_graph(rows, names=('cup', 'dog', 'table')):
    objects = [SceneObject(i, name, tube=a_tube(i)) for i, name in enumerate(names)]
    return SceneGraph('v', 4, 12, 10, objects, [Relation(*row) for row in rows])


def test_each_stage_asks_for_one_thing_more():
    truth = a_graph([(0, 'on', 2, [(0, 9)]), (1, 'on', 2, [(0, 9)])])
    found = a_graph(
        [
            (0, 'in', 2, [(0, 9)]),  # the right pair
            (1, 'on', 2, [(0, 2)]),  # the right triplet, for too short a time
        ],
        names=('cup', 'dog', 'table'),
    )
    recalls = stage_recall([truth], [found])
    assert recalls == dict(objects=100, pairs=100, triplets=50, quintuples=0)
    one = stage_recall([truth], [found], k=1)
    assert one['pairs'] == 50
    assert one['objects'] == pytest.approx(100 / 3)


def test_recall_is_told_by_training_frequency():
    training = [a_graph([(0, 'on', 2, [(0, 9)])] * 1) for _ in range(3)]
    counts = LabelCounts.of(training)
    assert counts.categories == Counter(cup=3, dog=3, table=3)
    assert counts.predicates == Counter(on=3)
    names = ('cup', 'robot', 'table')
    rows = [(0, 'on', 2, [(0, 9)]), (1, 'hitting', 2, [(0, 9)])]
    truth = a_graph(rows, names)
    recalls = group_recall([truth], [a_graph(rows[:1], names)], counts)
    assert recalls['predicates'] == dict(seen=(100, 1), unseen=(0, 1))
    assert recalls['objects'] == dict(seen=(100, 2), unseen=(100, 1))
    groups = FrequencyGroups(dict(head=3, body=2, tail=0))
    recalls = group_recall([truth], [truth], counts, groups)
    assert recalls['predicates']['head'] == (100, 1)
    assert math.isnan(recalls['predicates']['body'][0])
    assert recalls['objects']['tail'] == (100, 1)


def test_thresholds_are_inclusive_and_checked():
    groups = FrequencyGroups(dict(tail=0, body=20, head=100))
    assert [groups(n) for n in (0, 19, 20, 99, 100)] == [
        'tail',
        'tail',
        'body',
        'body',
        'head',
    ]
    assert [SEEN(n) for n in (0, 1, 7)] == ['unseen', 'seen', 'seen']
    for bad in ({}, dict(a=1), dict(a=0, b=0)):
        with pytest.raises(InputError, match='expected distinct numbers from 0 on'):
            FrequencyGroups(bad)


def test_recognition_is_of_matched_tubes_whatever_they_are_called():
    """By hand: three things, of which one is misnamed and one not segmented."""
    rows = [(0, 'on', 2, [(0, 9)]), (1, 'near', 2, [(0, 9)]), (1, 'on', 2, [(0, 4)])]
    truth = a_graph(rows)
    counts = LabelCounts(
        Counter(cup=100, dog=20, table=1), Counter(on=100, near=20, holding=0)
    )
    groups = FrequencyGroups(dict(head=100, body=20, tail=0))

    found = a_graph([(0, 'on', 2, [(0, 0)])], ('cup', 'robot', 'table'))
    found.objects[2].tube = None
    assert group_accuracy([truth], [found], counts, groups)['objects'] == dict(
        head=(100, 1),
        body=(0, 1),
        tail=(pytest.approx(math.nan, nan_ok=True), 0),
    )
    # The strict recall of the same is lower: what is not segmented counts there.
    assert group_recall([truth], [found], counts, groups)['objects']['tail'] == (0, 1)

    # Categories are wrong and spans too short; predicates are judged all the same.
    said = [
        (1, 'holding', 2, [(0, 0)], 0.3),
        (1, 'near', 2, [(0, 0)], 0.9),
        (1, 'on', 2, [(0, 0)], 0.5),
        (0, 'near', 2, [(0, 0)], 0.9),
        (0, 'on', 2, [(0, 0)], 0.5),
    ]
    found = a_graph(said, ('robot', 'robot', 'robot'))
    accuracies = group_accuracy([truth], [found], counts, groups)
    # The dog has two predicates, so two are looked at; the cup has one.
    assert accuracies['predicates']['head'] == (50, 2)
    assert accuracies['predicates']['body'] == (100, 1)
    assert accuracies['objects']['head'] == (0, 1)
    # What is not related at all is not recognised wrongly.
    empty = group_accuracy([truth], [a_graph([])], counts, groups)
    assert [number for _, number in empty['predicates'].values()] == [0, 0, 0]
    assert empty['objects']['head'] == (100, 1)
    with pytest.warns(UserWarning, match='no prediction'):
        nothing = group_accuracy([truth], [], counts, groups)
    assert nothing['objects']['head'][1] == 0


def test_tubes_are_matched_by_where_they_are():
    truth = a_graph([], ('cup', 'dog', 'table'))
    found = a_graph([], ('dog', 'cup', 'table'))
    counts = LabelCounts(Counter('x'), Counter())
    right = [group_accuracy([truth], [found], counts)['objects']['unseen']]
    found.objects[0].tube, found.objects[1].tube = a_tube(1), a_tube(0)
    right.append(group_accuracy([truth], [found], counts)['objects']['unseen'])
    assert right == [(pytest.approx(100 / 3), 3), (100, 3)]


def test_the_metric_has_recall_and_recognition_of_each_group(tmp_path):
    truth = a_graph([(0, 'on', 2, [(0, 9)])])
    found = a_graph([(0, 'in', 2, [(0, 9)])], ('cup', 'robot', 'table'))
    save_scene_graphs([truth], tmp_path / 'train.json')
    metric = METRICS.build(
        dict(
            type='GroupRecallMetric',
            train=str(tmp_path / 'train.json'),
            groups=dict(head=1, tail=0),
            topk=(20,),
        )
    )
    metric.process({}, [dict(gt_scene_graph=truth, pred_scene_graph=found)])
    metrics = metric.compute_metrics(metric.results)
    assert metrics['head_objects_accuracy'] == pytest.approx(200 / 3)
    assert metrics['head_predicates_accuracy'] == 0
    assert metrics['head_objects_R@20'] == pytest.approx(200 / 3)
    assert math.isnan(metrics['tail_objects_accuracy'])
