"""Frequent relations are thinned, rare ones stay, and no video is left without."""

from collections import Counter

import numpy as np
import pytest

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.transforms import ThinRelations
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject


def make_graph(*predicates):
    objects = [SceneObject(1, 'cup'), SceneObject(2, 'table'), SceneObject(3, 'tray')]
    rows = [Relation(1, name, 2 + n % 2, [(0, 3)]) for n, name in enumerate(predicates)]
    return SceneGraph('v', 4, 4, 4, objects, rows)


def thinned(transform, graph, seed=0):
    results = dict(scene_graph=graph, rng=np.random.default_rng(seed))
    return transform.transform(results)['scene_graph']


def told(graphs, **options):
    transform = ThinRelations(**options)
    transform.learn_graphs(graphs)
    return transform


def test_relations_are_kept_as_often_as_their_frequency_says():
    # "on" is 64 %, "in" 16 %, "hitting" 4 %, "pushing" 16 %.
    graph = make_graph(*['on'] * 16, *['in'] * 4, 'hitting', *['pushing'] * 4)
    transform = told([graph], threshold=0.16, power=0.5)
    counts, videos = Counter(), 400
    for seed in range(videos):
        found = thinned(transform, graph, seed)
        assert found.objects == graph.objects
        # What is kept stays in its order.
        rows = [
            row for row in graph.relations if any(row is r for r in found.relations)
        ]
        assert rows == found.relations
        counts.update(row.predicate for row in found.relations)
    assert counts['in'] == counts['pushing'] == 4 * videos
    assert counts['hitting'] == videos
    assert counts['on'] / (16 * videos) == pytest.approx(0.5, abs=0.02)


def test_a_kind_may_be_a_triplet():
    # "on" is half of all, "cup on table" and "cup on tray" a quarter each.
    graph = make_graph('on', 'on', 'in', 'hitting')
    alike = told([graph], threshold=0.25, power=1.0, by='triplet')
    assert [alike.probability(graph, row) for row in graph.relations] == [1.0] * 4
    thin = told([graph], threshold=0.25, power=1.0)
    assert [thin.probability(graph, row) for row in graph.relations] == [0.5, 0.5, 1, 1]


def test_the_rarest_relation_of_a_video_stays():
    graphs = [make_graph('on'), make_graph(*['on'] * 30, *['in'] * 20)]
    transform = told(graphs, threshold=1e-9, power=1.0)
    for seed in range(20):
        (row,) = thinned(transform, make_graph('on', 'in', 'on'), seed).relations
        assert row.predicate == 'in'
    assert not thinned(transform, make_graph()).relations


def test_what_is_kept_follows_the_seed(tiny_world):
    def kept(seed, epoch=0):
        dataset = PSG4DGTADataset(
            data_root=str(tiny_world),
            seed=seed,
            pipeline=[dict(type='ThinRelations', threshold=0.01, power=0.5)],
        )
        dataset.epoch = epoch
        return [len(dataset[index]['scene_graph'].relations) for index in range(2)]

    whole = PSG4DGTADataset(data_root=str(tiny_world), pipeline=[])
    numbers = [len(whole[index]['scene_graph'].relations) for index in range(2)]
    assert kept(0) == kept(0)
    assert all(0 < few <= all_ for few, all_ in zip(kept(0), numbers, strict=True))
    assert len({tuple(kept(0, epoch)) for epoch in range(8)}) > 1


def test_settings_and_use_are_checked():
    with pytest.raises(ValueError, match="by is 'verb'"):
        ThinRelations(by='verb')
    with pytest.raises(ValueError, match='0 < threshold'):
        ThinRelations(threshold=0)
    graph = make_graph('on')
    with pytest.raises(ValueError, match='no data set has told'):
        thinned(ThinRelations(), graph)
    with pytest.raises(ValueError, match='training only'):
        ThinRelations().transform(dict(test_mode=True))
