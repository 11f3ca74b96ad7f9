"""Statistics of a world, and what those of Tabletop-4D shall be."""

import numpy as np
import pytest

from mmfourdpsg.simulation.world_statistics import WorldStatistics
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject


def graph(categories, relations, pixels=10):
    """A graph of 4 frames of 10 x 10 pixels; its last object is stuff."""
    mask = np.zeros((10, 10), dtype=bool)
    mask.flat[:pixels] = True
    tube = MaskTube.from_masks({0: mask, 2: mask}, 10, 10)
    objects = [
        SceneObject(i, name, i < len(categories) - 1, tube=tube)
        for i, name in enumerate(categories)
    ]
    return SceneGraph('v', 10, 10, 4, objects, relations)


def test_things_twins_relations_and_spans_are_counted():
    found = WorldStatistics.of(
        [
            graph(
                ['cup', 'cup', 'table'],
                [
                    Relation(0, 'next to', 1, [(0, 3)]),
                    Relation(0, 'on', 2, [(0, 0), (2, 3)]),
                ],
            ),
            graph(
                ['cup', 'ball', 'dice', 'table'], [Relation(1, 'on', 3, [(1, 3)])], 30
            ),
        ]
    )
    assert found.num_videos == 2
    assert found.things == {2: 1, 3: 1}
    assert found.twins == 50
    assert found.relations == 1.5
    assert found.predicates == pytest.approx({'on': 200 / 3, 'next to': 100 / 3})
    assert found.dynamic == pytest.approx(200 / 3)
    assert found.lengths[1] == 2.5
    # Two things of 10 percent in two frames, three of 30; stuff does not count.
    assert found.sizes == (10, 30, 30)
    assert '30.0 % of the image in the median' in found.lines()[0]


def test_without_videos_nothing_is_counted():
    found = WorldStatistics.of([])
    assert (found.num_videos, found.sizes, found.predicates) == (0, (), {})
    assert '0.0 relations a video' in found.lines()[2]


@pytest.mark.slow
def test_things_are_large_and_relations_are_events(simulate):
    found = WorldStatistics.of(simulate(seed).scene_graph for seed in range(11, 51))
    assert found.sizes[0] >= 2.5
    assert found.sizes[1] >= 9
    assert set(found.things) <= {3, 4, 5}
    assert found.twins <= 20
    assert found.dynamic >= 50
    assert len(found.predicates) >= 12
    assert max(found.predicates.values()) <= 20
