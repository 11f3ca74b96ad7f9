import math

import numpy as np
import pytest
from dense_reference import data_sets
from hypothesis import HealthCheck, given, settings
from mmengine.evaluator import Evaluator

from mmfourdpsg.evaluation import SceneGraphMetric
from mmfourdpsg.evaluation.functional import evaluate_scene_graphs
from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError


def _sample(video_id, predicate):
    tube = MaskTube.from_masks({0: np.ones((2, 2), bool)}, 2, 2)
    objects = [SceneObject(i, 'cup', tube=tube) for i in range(2)]

    def graph(name):
        relation = Relation(0, name, 1, [(0, 0)], 0.5)
        return SceneGraph(video_id, 2, 2, 1, objects, [relation])

    sample = SceneGraphDataSample(metainfo=dict(video_id=video_id))
    sample.gt_scene_graph = graph('on')
    sample.pred_scene_graph = graph(predicate)
    return sample


def test_the_evaluator_of_mmengine_gets_recall_and_a_file(tmp_path):
    path = tmp_path / 'predictions.json'
    evaluator = Evaluator(SceneGraphMetric(topk=(20,), outfile=str(path)))
    evaluator.process([_sample('a', 'on'), _sample('b', 'under')])
    metrics = evaluator.evaluate(2)
    assert metrics == {'scene_graph/R@20': 50.0, 'scene_graph/mR@20': 50.0}
    graphs = load_scene_graphs(path)
    assert [graph.video_id for graph in graphs] == ['a', 'b']
    assert graphs[1].relations[0].predicate == 'under'


def test_data_samples_themselves_are_taken_too():
    metric = SceneGraphMetric(topk=(1,), protocol='openpvsg')
    metric.process(None, [_sample('a', 'on')])
    assert metric.evaluate(1) == {'scene_graph/R@1': 100.0, 'scene_graph/mR@1': 100.0}


@pytest.mark.parametrize('option', [dict(protocol='generous'), dict(topk=(0, 20))])
def test_wrong_options_are_not_found_after_the_test(option):
    with pytest.raises(InputError, match=next(iter(option))):
        SceneGraphMetric(**option)


def test_stages_and_groups_are_metrics_too(tmp_path):
    samples = [_sample('a', 'on'), _sample('b', 'under')]
    stages = METRICS.build(dict(type='StageRecallMetric', topk=(20,)))
    stages.process(None, samples)
    assert stages.evaluate(2) == {
        'stages/objects_R@20': 100.0,
        'stages/pairs_R@20': 100.0,
        'stages/triplets_R@20': 50.0,
        'stages/quintuples_R@20': 50.0,
    }
    path = tmp_path / 'train.json'
    save_scene_graphs([sample.pred_scene_graph for sample in samples], path)
    options = dict(type='GroupRecallMetric', train=str(path), topk=(1,))
    seen = METRICS.build(options)
    frequent = METRICS.build({**options, 'groups': dict(head=3, body=1, tail=0)})
    found = {}
    for metric in (seen, frequent):
        metric.process(None, samples)
        found |= metric.evaluate(2)
    # Four cups and one "on" were trained on. Of both cups of a video one is among the
    # first.
    numbers = {key: value for key, value in found.items() if not math.isnan(value)}
    assert numbers == {
        'groups/seen_objects_R@1': 50.0,
        'groups/seen_predicates_R@1': 50.0,
        'groups/head_objects_R@1': 50.0,
        'groups/body_predicates_R@1': 50.0,
        # Both cups are found, and one of two predicates is right.
        'groups/seen_objects_accuracy': 100.0,
        'groups/head_objects_accuracy': 100.0,
        'groups/seen_predicates_accuracy': 50.0,
        'groups/body_predicates_accuracy': 50.0,
    }
    with pytest.raises(InputError, match='expected distinct numbers'):
        METRICS.build({**options, 'groups': dict(head=3)})
    with pytest.raises(InputError, match='none'):
        METRICS.build({**options, 'train': str(tmp_path / 'none.json')})


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(videos=data_sets())
def test_the_written_file_gives_the_same_numbers(tmp_path, videos):
    samples = []
    for truth, prediction in zip(*videos, strict=True):
        sample = SceneGraphDataSample()
        sample.gt_scene_graph = truth
        sample.pred_scene_graph = prediction or SceneGraph(
            truth.video_id, truth.height, truth.width, truth.num_frames
        )
        samples.append(sample)
    paths = [str(tmp_path / name) for name in ('gt.json', 'predictions.json')]
    save_scene_graphs([sample.gt_scene_graph for sample in samples], paths[0])
    for protocol in ('strict', 'openpvsg'):
        metric = SceneGraphMetric((1, 3, 20), protocol, outfile=paths[1])
        metric.process(None, samples)
        online = metric.evaluate(len(samples))
        graphs = [load_scene_graphs(path) for path in paths]
        offline = evaluate_scene_graphs(*graphs, (1, 3, 20), protocol).metrics
        assert online.keys() == {f'scene_graph/{name}' for name in offline}
        for name, value in offline.items():
            # To the last digit.
            assert online[f'scene_graph/{name}'] == value or math.isnan(value)
