"""SGPN relates the objects of a video by its points in space."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmfourdpsg.evaluation.functional import evaluate_scene_graphs
from mmfourdpsg.models import SGPN
from mmfourdpsg.models.frameworks.sgpn import related_first, tube_masks
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)

SIZE, NUM_FRAMES, FRAMES = (24, 32), 6, [1, 3, 5]
CATEGORIES = ('ball', 'box', 'table')
PREDICATES = ('behind', 'on', 'touching')
# Id, category, box (top, bottom, left, right), depth in metres, frames.
OBJECTS = (
    (7, 'table', (12, 24, 0, 32), 2.0, range(6)),
    (3, 'box', (6, 12, 4, 10), 1.9, range(6)),
    (9, 'box', (4, 12, 20, 28), 2.5, range(4)),
    (5, 'ball', (8, 12, 13, 17), 1.8, range(2, 6)),
)
RELATIONS = (
    (3, 'on', 7), (9, 'on', 7), (5, 'on', 7), (9, 'behind', 3), (3, 'touching', 5),
)  # fmt: skip


def scene(train=False):
    """A batch of one video: ids and points of its frames, and its graph."""
    rng = np.random.default_rng(0)
    ids = np.zeros((NUM_FRAMES, *SIZE), np.int32)
    depth = np.full(SIZE, 4.0, np.float32)
    depth = np.repeat(depth[None], NUM_FRAMES, axis=0)
    for key, _, (top, bottom, left, right), metres, frames in OBJECTS:
        for frame in frames:
            window = (frame, slice(top, bottom), slice(left, right))
            ids[window] = key
            slope = np.linspace(0, 0.1 * key, bottom - top)[:, None]
            depth[window] = metres + slope + rng.normal(0, 0.01, ids[window].shape)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    rays = np.stack([(x - 15.5) / 30, (y - 11.5) / 30, np.ones_like(x)], -1)
    points = torch.from_numpy(rays * depth[FRAMES, ..., None]).float()
    objects = [
        SceneObject(
            key,
            category,
            category != 'table',
            tube=MaskTube.from_masks(
                {frame: ids[frame] == key for frame in range(NUM_FRAMES)}, *SIZE
            ),
        )
        for key, category, *_ in OBJECTS
    ]
    tubes = {item.id: set(item.tube.frames) for item in objects}
    relations = [
        Relation(a, name, b, [(f, f) for f in sorted(tubes[a] & tubes[b])])
        for a, name, b in RELATIONS
    ]
    graph = SceneGraph('v', *SIZE, NUM_FRAMES, objects, relations)
    sample = SceneGraphDataSample(
        metainfo=dict(
            video_id='v',
            num_frames=NUM_FRAMES,
            frame_indices=FRAMES,
            ori_shape=SIZE,
            img_shape=SIZE,
        )
    )
    sample.gt_scene_graph = graph
    sample.gt_masks = torch.from_numpy(
        np.stack([ids[FRAMES] == item.id for item in objects])
    )
    return dict(inputs=dict(points=points[None]), data_samples=[sample])


def build(**options):
    torch.manual_seed(0)
    encoder = dict(type='PointNet', channels=(16, 32))
    model = SGPN(
        num_categories=3,
        num_predicates=3,
        point_clouds=dict(
            type='PointCloudSampler', num_object_points=32, num_pair_points=64
        ),
        head=dict(
            type='PointGraphHead',
            object_encoder=encoder,
            pair_encoder=encoder,
            graph_network=dict(type='TripletGCN', hidden_channels=32, num_layers=2),
            hidden_channels=(32,),
            dropout=0.0,
        ),
        object_source=dict(type='GroundTruthObjects'),
        **options,
    )
    labels = dict(
        thing_classes=CATEGORIES[:2],
        stuff_classes=CATEGORIES[2:],
        predicates=PREDICATES,
    )
    model.take_labels(labels)
    return model


def test_weights_of_what_finds_the_objects_count():
    model = build()
    count = sum(weight.numel() for weight in model.parameters())
    assert model.count_parameters() == count > 0
    model.object_source = SimpleNamespace(count_parameters=lambda: 7)
    assert model.count_parameters() == count + 7


def test_losses_reach_every_part():
    model = build()
    losses = model(**scene(), mode='loss')
    assert set(losses) == {'loss_category', 'loss_predicate'}
    model.parse_losses(losses)[0].backward()
    for name, part in model.head.named_children():
        assert sum(p.grad.abs().sum() for p in part.parameters()) > 0, name


def test_targets_are_the_relations_of_pairs_that_are_seen():
    model, batch = build(), scene()
    (sample,) = batch['data_samples']
    # The ball and the second box are never in one sampled frame, if it leaves early.
    sample.gt_masks[2, 1:] = False
    sample.gt_masks[3, 0] = False
    clouds = model.point_clouds(batch['inputs']['points'][0], sample.gt_masks)
    targets = model._targets(sample.gt_scene_graph, clouds)
    assert [2, 3] not in clouds.ends.tolist() and len(clouds.ends) == 10
    assert targets.categories.tolist() == [2, 1, 1, 0]
    places = {key: place for place, (key, *_) in enumerate(OBJECTS)}
    found = {
        (*clouds.ends[row].tolist(), PREDICATES[kind])
        for row, kind in targets.predicates.nonzero().tolist()
    }
    assert found == {(places[a], places[b], name) for a, name, b in RELATIONS}


def test_a_graph_is_valid_ranked_and_holds_where_both_objects_are():
    model = build(num_relations=20).eval()
    batch = scene()
    (sample,) = model(**batch, mode='predict')
    graph = sample.pred_scene_graph
    assert [item.id for item in graph.objects] == [7, 3, 9, 5]
    assert all(0 < item.score <= 1 for item in graph.objects)
    assert {item.category for item in graph.objects} <= set(CATEGORIES)
    assert all(item.is_thing == (item.category != 'table') for item in graph.objects)
    assert len(graph.relations) == 20
    scores = [row.score for row in graph.relations]
    assert scores == sorted(scores, reverse=True)
    spans = {frozenset((row.subject, row.object)): row.span for row in graph.relations}
    assert spans[frozenset((9, 5))] == [(2, 3)]
    assert spans[frozenset((7, 5))] == [(2, 5)]
    assert {row.predicate for row in graph.relations} <= set(PREDICATES)


def test_the_order_of_objects_changes_nothing():
    model = build(num_relations=1000).eval()
    (found,) = model(**scene(), mode='predict')
    batch = scene()
    (sample,) = batch['data_samples']
    objects = sample.gt_scene_graph.objects[::-1]
    sample.gt_scene_graph = SceneGraph('v', *SIZE, NUM_FRAMES, objects)
    (other,) = model(**batch, mode='predict')
    rows = [
        {
            (row.subject, row.predicate, row.object): (row.span, row.score)
            for row in item.pred_scene_graph.relations
        }
        for item in (found, other)
    ]
    assert rows[0].keys() == rows[1].keys() and len(rows[0]) == 36
    for key, (span, score) in rows[0].items():
        assert rows[1][key] == (span, pytest.approx(score, rel=1e-4))


def test_names_may_be_left_to_the_source_of_objects():
    model = build(named_by='source', num_relations=36).eval()
    batch = scene()
    batch['data_samples'][0].gt_scene_graph.objects[1].score = 0.01
    (sample,) = model(**batch, mode='predict')
    graph = sample.pred_scene_graph
    assert [item.category for item in graph.objects] == [row[1] for row in OBJECTS]
    assert [item.score for item in graph.objects] == [1, 0.01, 1, 1]
    assert all(3 in (row.subject, row.object) for row in graph.relations[18:])
    with pytest.raises(ValueError, match='named_by'):
        build(named_by='both')


def test_only_the_best_objects_are_related_but_all_are_kept():
    model = build(max_objects=2).eval()
    batch = scene()
    for item, score in zip(
        batch['data_samples'][0].gt_scene_graph.objects,
        (0.2, 0.9, 0.8, 0.3),
        strict=True,
    ):
        item.score = score
    (sample,) = model(**batch, mode='predict')
    graph = sample.pred_scene_graph
    assert {item.id for item in graph.objects} == {7, 3, 9, 5}
    assert {(row.subject, row.object) for row in graph.relations} == {(3, 9), (9, 3)}


def test_objects_of_relations_are_learned_from_first():
    graph = scene()['data_samples'][0].gt_scene_graph
    graph = SceneGraph('v', *SIZE, NUM_FRAMES, graph.objects, graph.relations[1:3])
    assert [item.id for item in related_first(graph, 3).objects] == [7, 9, 5]
    assert [item.id for item in related_first(graph, 9).objects] == [7, 3, 9, 5]
    losses = build(max_objects=2)(**scene(), mode='loss')
    assert all(torch.isfinite(value) for value in losses.values())


def test_without_depth_objects_stay_as_they_are_and_are_not_related():
    batch = scene()
    batch['inputs']['points'][:] = 0
    (sample,) = build().eval()(**batch, mode='predict')
    graph = sample.pred_scene_graph
    assert [item.category for item in graph.objects] == [row[1] for row in OBJECTS]
    assert graph.relations == []
    # Nor are there any in a video without objects.
    sample.gt_scene_graph = SceneGraph('v', *SIZE, NUM_FRAMES)
    (sample,) = build().eval()(**batch, mode='predict')
    assert sample.pred_scene_graph.objects == []


def test_a_video_has_in_a_batch_what_it_has_alone():
    model = build().eval()
    (alone,) = model(**scene(), mode='predict')
    one, other = scene(), scene()
    other['data_samples'][0].set_metainfo(dict(frame_indices=[0]))
    points = torch.zeros(2, 4, 30, 40, 3)
    points[0, :3, :24, :32] = one['inputs']['points'][0]
    points[1, :1, :24, :32] = one['inputs']['points'][0, :1]
    # What pads a batch is no point of anything.
    points[0, :, 24:] = 9.0
    points[0, 3:] = 9.0
    samples = [*one['data_samples'], *other['data_samples']]
    found, _ = model(dict(points=points), samples, mode='predict')
    for row, expected in zip(
        found.pred_scene_graph.relations[:10],
        alone.pred_scene_graph.relations[:10],
        strict=True,
    ):
        assert row.score == pytest.approx(expected.score, rel=1e-4)


def test_masks_of_tubes_take_the_pixel_at_the_centre():
    (sample,) = scene()['data_samples']
    objects = sample.gt_scene_graph.objects
    masks = tube_masks(objects, [1, 5], SIZE)
    assert torch.equal(masks, sample.gt_masks[:, [0, 2]])
    small = tube_masks(objects, [1], (8, 8))
    assert torch.equal(small[:, 0], masks[:, 0, 1::3, 2::4])


def test_one_scene_is_learned_to_full_recall():
    model = build()
    batch = scene()
    optimizer = torch.optim.AdamW(model.parameters(), 5e-3)
    for _ in range(60):
        optimizer.zero_grad()
        model.parse_losses(model(**batch, mode='loss'))[0].backward()
        optimizer.step()
    (sample,) = model.eval()(**batch, mode='predict')
    scores = evaluate_scene_graphs(
        [sample.gt_scene_graph], [sample.pred_scene_graph], (20,)
    )
    assert scores.metrics['R@20'] == 100
    assert scores.metrics['mR@20'] == 100


def test_the_mini_recipe_is_the_full_one_in_small(repository):
    full, mini = (
        Config.fromfile(repository / 'configs/sgpn' / name).model
        for name in ('sgpn_psg4d-gta.py', 'tabletop/sgpn.py')
    )
    sizes = ('channels', 'hidden_channels', 'num_object_points', 'num_pair_points')

    def without_sizes(value):
        if not isinstance(value, dict):
            return value
        kept = {
            key: without_sizes(item) for key, item in value.items() if key not in sizes
        }
        for key in ('num_categories', 'num_predicates', 'object_source'):
            kept.pop(key, None)
        return kept

    assert without_sizes(full) == without_sizes(mini)
    assert full.head.pair_encoder.channels == (64, 128, 256)
    counts = []
    for model in (full, mini):
        built = MODELS.build(
            {**model, 'object_source': dict(type='GroundTruthObjects')}
        )
        counts.append(sum(p.numel() for p in built.parameters()))
    assert counts[1] < counts[0] / 3
