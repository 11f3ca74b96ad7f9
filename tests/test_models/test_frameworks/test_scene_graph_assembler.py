"""Panoptic scene graphs from texts and tubes."""

import math

import numpy as np
import pytest
import torch

from mmfourdpsg.models import SceneGraphAssembler
from mmfourdpsg.models.frameworks.scene_graph_assembler import calibrate
from mmfourdpsg.models.scene_graph_heads import (
    GeneratedGraph,
    GeneratedObject,
    GeneratedRelation,
)
from mmfourdpsg.models.tube_decoders import DecodedTubes
from mmfourdpsg.structures import MaskTube, SceneGraphDataSample

SAMPLE = SceneGraphDataSample(
    metainfo=dict(video_id='v', ori_shape=(2, 10), num_frames=1)
)


def tube(first, last):
    mask = np.zeros((2, 10), bool)
    mask[:, first:last] = True
    return MaskTube.from_masks({0: mask}, 2, 10)


def generated(*objects, relations=()):
    return GeneratedGraph(
        [GeneratedObject(*item) for item in objects],
        [GeneratedRelation(a, name, b, [(0, 0)], s) for a, name, b, s in relations],
        torch.zeros(len(objects), 4),
        '',
        0,
    )


def decoded(tubes, ious=None, overlaps=(), volumes=None):
    count = len(tubes)
    matrix = torch.eye(count)
    for i, j, value in overlaps:
        matrix[i, j] = matrix[j, i] = value
    return DecodedTubes(
        tubes,
        torch.ones(count) if ious is None else torch.tensor(ious),
        matrix,
        torch.tensor(volumes or [item.area() for item in tubes]),
    )


def test_scores_hold_the_iou_that_sam2_expects():
    graph = generated(('cup', 0.8), ('table', 0.5), relations=[(0, 'on', 1, 0.9)])
    found = decoded([tube(0, 2), tube(2, 9)], ious=[0.5, 0.9])
    scene_graph, *_ = SceneGraphAssembler()(graph, found, SAMPLE)
    assert [item.score for item in scene_graph.objects] == pytest.approx([0.4, 0.45])
    assert scene_graph.relations[0].score == pytest.approx(0.9 * 0.4 * 0.45)


def test_one_thing_under_two_names_is_one_object_with_the_better_name():
    graph = generated(
        ('cup', 0.3),
        ('mug', 0.6),
        ('table', 0.9),
        relations=[(0, 'on', 2, 0.5), (1, 'on', 2, 0.4), (0, 'next to', 1, 0.9)],
    )
    found = decoded([tube(0, 1), tube(1, 3), tube(3, 9)], overlaps=[(0, 1, 0.7)])
    scene_graph, counts, _ = SceneGraphAssembler(merge_iou=0.5)(graph, found, SAMPLE)
    assert [item.category for item in scene_graph.objects] == ['mug', 'table']
    # It has the pixels of both, which were its own anyway.
    assert scene_graph.objects[0].tube.area() == 6
    assert counts == dict(merged=1, vanished=0)
    # What is said of either is said of it, and a thing is not next to itself.
    (row,) = scene_graph.relations
    assert (row.subject, row.predicate, row.object) == (0, 'on', 1)
    assert row.score == pytest.approx(1 - (1 - 0.5 * 0.54) * (1 - 0.4 * 0.54))


def test_alternatives_of_a_span_are_rows_of_their_own():
    graph = generated(('cup', 0.5), ('mug', 0.5), ('table', 0.5))
    graph.relations = [
        GeneratedRelation(subject, 'on', 2, span, score)
        for subject, span, score in (
            (0, [(0, 9)], 0.9),
            (1, [(0, 8)], 0.8),
            (0, [(20, 29)], 0.7),
        )
    ]
    # The cup and the mug are one thing.
    found = decoded([tube(0, 1), tube(0, 1), tube(3, 9)], overlaps=[(0, 1, 0.9)])
    sample = SceneGraphDataSample(
        metainfo=dict(video_id='v', ori_shape=(2, 10), num_frames=30)
    )
    scene_graph, *_ = SceneGraphAssembler()(graph, found, sample)
    first, other = scene_graph.relations
    assert (first.span, other.span) == ([(0, 9)], [(20, 29)])
    assert first.score == pytest.approx(1 - (1 - 0.9 / 4) * (1 - 0.8 / 4))
    assert other.score == pytest.approx(0.7 / 4)
    (row,) = SceneGraphAssembler(span_iou=0.0)(graph, found, sample)[0].relations
    assert row.span == [(0, 9)]
    assert row.score == pytest.approx(1 - (1 - 0.225) * (1 - 0.2) * (1 - 0.175))


def test_what_overlaps_less_stays_two_objects():
    graph = generated(('cup', 0.3), ('mug', 0.6))
    found = decoded([tube(0, 1), tube(1, 3)], overlaps=[(0, 1, 0.4)])
    scene_graph, counts, _ = SceneGraphAssembler(merge_iou=0.5)(graph, found, SAMPLE)
    assert len(scene_graph.objects) == 2 and counts['merged'] == 0


def test_what_has_lost_nearly_everything_vanishes_with_its_relations():
    graph = generated(
        ('cup', 0.5),
        ('mug', 0.5),
        ('ball', 0.5),
        ('table', 0.9),
        relations=[(0, 'on', 3, 0.5), (1, 'on', 3, 0.4), (2, 'on', 3, 0.3)],
    )
    tubes = [tube(0, 1), tube(1, 3), MaskTube(2, 10, {}), tube(3, 9)]
    found = decoded(tubes, volumes=[40, 6, 0, 12])
    scene_graph, counts, _ = SceneGraphAssembler(min_share=0.1)(graph, found, SAMPLE)
    assert [item.category for item in scene_graph.objects] == ['mug', 'table']
    assert [item.id for item in scene_graph.objects] == [0, 1]
    assert [row.subject for row in scene_graph.relations] == [0]
    assert counts == dict(merged=0, vanished=2)


def test_kept_overlaps_change_nothing():
    assembler = SceneGraphAssembler(overlap='keep')
    graph = generated(('cup', 0.3), ('mug', 0.6), relations=[(0, 'on', 1, 0.5)])
    found = decoded([tube(0, 2), MaskTube(2, 10, {})], overlaps=[(0, 1, 0.9)])
    scene_graph, counts, _ = assembler(graph, found, SAMPLE)
    assert assembler.weights(graph) is None
    assert len(scene_graph.objects) == 2 and len(scene_graph.relations) == 1
    assert counts == dict(merged=0, vanished=0)
    assert SceneGraphAssembler().weights(graph).tolist() == pytest.approx([0.3, 0.6])


def test_calibration_is_platt_scaling_and_keeps_the_order():
    assert calibrate(0.3, 1.0, 0.0) == pytest.approx(0.3)
    value = calibrate(0.3, 2.0, -1.0)
    assert math.log(value / (1 - value)) == pytest.approx(2 * math.log(0.3 / 0.7) - 1)
    values = [calibrate(p, 0.5, 3.0) for p in (0.0, 0.01, 0.2, 0.9, 1.0)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0, 1)
    assert calibrate(1e-300, 5.0, -9.0) == pytest.approx(0)


@pytest.mark.parametrize(
    'options', [dict(overlap='none'), dict(object_calibration=(0.0, 1.0))]
)
def test_unfit_options_are_refused(options):
    with pytest.raises(ValueError, match='expected'):
        SceneGraphAssembler(**options)


def test_a_graph_of_nothing_is_one_too():
    graph = generated()
    graph.states = torch.zeros(0, 4)
    found = DecodedTubes([], torch.zeros(0), torch.zeros(0, 0), torch.zeros(0))
    scene_graph, *_ = SceneGraphAssembler()(graph, found, SAMPLE)
    assert scene_graph.objects == [] and scene_graph.relations == []


def test_what_is_said_of_objects_and_pairs_is_kept():
    graph = generated(
        ('cup', 0.3),
        ('mug', 0.6),
        ('table', 0.9),
        relations=[(0, 'on', 2, 0.5), (1, 'on', 2, 0.4)],
    )
    for item, description in zip(graph.objects, ('red', 'small', ''), strict=True):
        item.description = description
    for row, reason in zip(graph.relations, ('they touch', 'near'), strict=True):
        row.reason = reason
    graph.pairs = {(0, 2): 'they touch', (1, 2): 'near', (0, 1): 'alike', (2, 1): ''}
    found = decoded([tube(0, 1), tube(1, 3), tube(3, 9)], overlaps=[(0, 1, 0.7)])
    scene_graph, _, pairs = SceneGraphAssembler(merge_iou=0.5)(graph, found, SAMPLE)
    assert [item.description for item in scene_graph.objects] == ['small', '']
    assert [row.reason for row in scene_graph.relations] == ['they touch']
    # The cup is the mug, which is not related to itself.
    assert pairs == {(0, 1): 'they touch', (1, 0): ''}


def test_pairs_of_what_has_vanished_are_none():
    graph = generated(('cup', 0.5), ('table', 0.9))
    graph.pairs = {(0, 1): 'near'}
    found = decoded([tube(0, 1), tube(1, 9)], volumes=[20, 16])
    scene_graph, counts, pairs = SceneGraphAssembler()(graph, found, SAMPLE)
    assert counts['vanished'] == 1
    assert [item.category for item in scene_graph.objects] == ['table']
    assert pairs == {}
