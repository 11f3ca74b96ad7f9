import random

import pytest

from mmfourdpsg.structures import Relation, SceneGraph, SceneObject
from mmfourdpsg.visualization import graph_layout, object_names


def _graph(num_objects, num_relations):
    draw = random.Random(num_objects)
    objects = [
        SceneObject(i, draw.choice(['cup', 'adult'])) for i in range(num_objects)
    ]
    pairs = [draw.sample(range(num_objects), 2) for _ in range(num_relations)]
    relations = [Relation(a, 'on', b, [(0, 0)]) for a, b in pairs]
    return SceneGraph('v', 4, 4, 1, objects, relations)


@pytest.mark.parametrize(
    ('num_objects', 'num_relations'),
    [(0, 0), (1, 0), (2, 1), (3, 0), (8, 10), (14, 8), (60, 40)],
)
def test_nodes_stand_within_the_drawing_always_the_same(num_objects, num_relations):
    graph = _graph(num_objects, num_relations)
    names = object_names(graph)
    places = graph_layout(graph, names, 430, 380)
    assert set(places) == set(names)
    assert all(0 < x < 430 and 0 < y < 380 for x, y in places.values())
    assert places == graph_layout(graph, names, 430, 380)


def test_labels_do_not_overlap():
    graph = _graph(10, 12)
    names = object_names(graph)
    places = list(graph_layout(graph, names, 430, 380).values())
    for index, (x1, y1) in enumerate(places):
        for x2, y2 in places[index + 1 :]:
            assert abs(x1 - x2) > 40 or abs(y1 - y2) > 40


def test_a_related_object_is_nearer_than_an_unrelated_one():
    objects = [SceneObject(i, 'cup') for i in range(4)]
    chain = [Relation(i, 'on', i + 1, [(0, 0)]) for i in range(3)]
    graph = SceneGraph('v', 4, 4, 1, objects, chain)
    places = graph_layout(graph, object_names(graph), 430, 380)

    def distance(a, b):
        return abs(complex(*places[a]) - complex(*places[b]))

    assert distance(0, 1) < distance(0, 2) < distance(0, 3)
