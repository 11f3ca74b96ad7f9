import numpy as np
import pytest
import torch

from mmfourdpsg.datasets.transforms import (
    PackSceneGraphInputs,
    RandomCropFrames,
    RandomHorizontalFlip,
    ResizeFrames,
)
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

HEIGHT, WIDTH, FRAMES = 12, 20, 2


def _results(**more):
    """Each pixel's colour, depth and id say where it is."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ids = np.zeros((FRAMES, HEIGHT, WIDTH), np.int32)
    ids[:, 2:6, 1:5] = 7
    ids[1, 4:10, 12:19] = 400
    rgb = np.stack([x * 10, y * 10, x + y], -1).astype(np.uint8)
    objects = [
        SceneObject(7, 'cup', boxes={0: (1, 2, 5, 6), 1: (1, 2, 5, 6)}),
        SceneObject(400, 'box', boxes={1: (12, 4, 19, 10)}),
        SceneObject(9, 'ghost'),
    ]
    relations = [
        Relation(7, 'to the left of', 400, [(0, 3)]),
        Relation(400, 'right_of', 7, [(0, 3)]),
        Relation(400, 'on', 9, [(0, 3)]),
        Relation(9, 'leftover of', 7, [(0, 3)]),
    ]
    graph = SceneGraph('v', HEIGHT, WIDTH, 4, objects, relations)
    return dict(
        video_id='v',
        num_frames=4,
        frame_indices=[0, 2],
        rgb=np.stack([rgb] * FRAMES),
        depth=np.stack([(x * 100 + y).astype(np.float32)] * FRAMES),
        panoptic_ids=ids,
        scene_graph=graph,
        ori_shape=(HEIGHT, WIDTH),
        img_shape=(HEIGHT, WIDTH),
        rng=np.random.default_rng(0),
        **more,
    )


def _check_boxes_fit_masks(results):
    height, width = results['img_shape']
    graph = results['scene_graph']
    assert (graph.height, graph.width) == (height, width)
    for item in graph.objects:
        for frame, box in (item.boxes or {}).items():
            y, x = np.nonzero(results['panoptic_ids'][frame] == item.id)
            assert box == (x.min(), y.min(), x.max() + 1, y.max() + 1)


def test_flip_mirrors_everything_and_what_is_said():
    old, new = _results(), RandomHorizontalFlip(prob=1).transform(_results())
    assert new['flip'] is True
    for key in ('rgb', 'depth', 'panoptic_ids'):
        for x in range(WIDTH):
            np.testing.assert_array_equal(
                new[key][:, :, x], old[key][:, :, WIDTH - 1 - x]
            )
    _check_boxes_fit_masks(new)
    assert [r.predicate for r in new['scene_graph'].relations] == [
        'to the right of',
        'left_of',
        'on',
        'leftover of',
    ]


def test_flip_mirrors_descriptions_attributes_and_reasons():
    results = _results()
    item, row = results['scene_graph'].objects[0], results['scene_graph'].relations[0]
    item.attributes, item.description = ('facing left', 'red'), 'it turns right'
    row.reason = 'the man walks to the left'
    graph = RandomHorizontalFlip(prob=1).transform(results)['scene_graph']
    assert graph.objects[0].attributes == ('facing right', 'red')
    assert graph.objects[0].description == 'it turns left'
    assert graph.relations[0].reason == 'the man walks to the right'
    assert item.description == 'it turns right'


@pytest.mark.parametrize('times', [1, 2])
def test_left_of_stays_true_under_flips(times):
    results = _results()
    for _ in range(times):
        results = RandomHorizontalFlip(prob=1).transform(results)
    cup, box = (np.nonzero(results['panoptic_ids'][1] == i)[1].mean() for i in (7, 400))
    said = results['scene_graph'].relations[0].predicate
    assert said == ('to the left of' if cup < box else 'to the right of')
    if times == 2:
        assert results['scene_graph'].relations == _results()['scene_graph'].relations
        np.testing.assert_array_equal(results['rgb'], _results()['rgb'])


def test_objects_change_places_where_the_left_one_is_named_first():
    flip = RandomHorizontalFlip(prob=1, swap_objects=['to the left of'])
    results = flip.transform(_results())
    assert [
        (r.subject, r.predicate, r.object) for r in results['scene_graph'].relations
    ] == [
        (400, 'to the left of', 7),
        (400, 'left_of', 7),
        (400, 'on', 9),
        (9, 'leftover of', 7),
    ]
    cup, box = (np.nonzero(results['panoptic_ids'][1] == i)[1].mean() for i in (7, 400))
    assert box < cup
    twice = flip.transform(results)['scene_graph']
    assert twice.relations == _results()['scene_graph'].relations


def test_a_reason_says_of_either_end_what_it_said_before():
    flip = RandomHorizontalFlip(prob=1, swap_objects=['next to'])
    row = Relation(
        1, 'next to', 2, [(0, 1)], reason='the first is at the left of the second'
    )
    mirrored = flip.mirror(row)
    assert (mirrored.subject, mirrored.object) == (2, 1)
    assert mirrored.reason == 'the second is at the right of the first'
    assert flip.mirror(mirrored) == row


def test_a_flip_swaps_the_given_words_at_the_given_probability():
    assert RandomHorizontalFlip(swap_words=()).swap('left of') == 'left of'
    flip = RandomHorizontalFlip(swap_words=[('port', 'starboard')])
    assert flip.swap('port of the left port') == 'starboard of the left starboard'
    assert RandomHorizontalFlip().swap('left of, right of') == 'right of, left of'
    results, flips = _results(), []
    for _ in range(200):
        results = RandomHorizontalFlip(prob=0.3).transform(results)
        flips.append(results['flip'])
    assert 35 < sum(flips) < 85


def test_resize_invents_no_depth_and_no_id():
    old, new = _results(), ResizeFrames((6, 50)).transform(_results())
    assert new['img_shape'] == (6, 50)
    assert new['ori_shape'] == (HEIGHT, WIDTH)
    assert new['rgb'].shape == (FRAMES, 6, 50, 3)
    assert new['rgb'].dtype == np.uint8
    assert new['depth'].dtype == np.float32
    assert set(np.unique(new['depth'])) <= set(np.unique(old['depth']))
    assert set(np.unique(new['panoptic_ids'])) == {0, 7, 400}
    # Colour and depth code the same place; nearest is at most half a pixel off.
    x = new['depth'] // 100
    assert np.abs(new['rgb'][..., 0] / 10 - x).max() <= 0.55
    boxes = new['scene_graph'].object_by_id(400).boxes
    assert boxes == {1: (30, 2, 47.5, 5)}


def test_resize_by_whole_factors_keeps_boxes_tight():
    results = ResizeFrames((24, 60)).transform(_results())
    _check_boxes_fit_masks(results)
    back = ResizeFrames((12, 20)).transform(results)
    np.testing.assert_array_equal(back['panoptic_ids'], _results()['panoptic_ids'])
    np.testing.assert_array_equal(back['depth'], _results()['depth'])


def test_resize_takes_the_pixel_at_the_centre():
    depth = ResizeFrames((4, 4)).transform(_results())['depth'][0]
    assert depth[:, 0].tolist() == [201, 204, 207, 210]
    assert depth[0].tolist() == [201, 701, 1201, 1701]


def test_resize_keeps_the_ratio_and_leaves_truth_in_test_mode():
    results = ResizeFrames((24, 30), keep_ratio=True).transform(
        _results(test_mode=True)
    )
    assert results['img_shape'] == (18, 30)
    assert results['scene_graph'] == _results()['scene_graph']


def test_crop_keeps_depth_ids_and_boxes_together():
    for seed in range(20):
        results = _results()
        results['rng'] = np.random.default_rng(seed)
        crop = RandomCropFrames(min_scale=0.6, prob=1).transform(results)
        height, width = crop['img_shape']
        assert 7 <= height <= 12
        assert 12 <= width <= 20
        for key in ('rgb', 'depth', 'panoptic_ids'):
            assert crop[key].shape[:3] == (FRAMES, height, width)
        np.testing.assert_array_equal(
            crop['rgb'][..., 0] // 10, crop['depth'].astype(int) // 100
        )
        _check_boxes_fit_masks(crop)
        # Both objects fit into the larger windows, which are tried for.
        assert {i.id for i in crop['scene_graph'].objects} == {7, 400, 9}
        assert crop['num_dropped_objects'] == 0


def test_crop_drops_and_counts_what_vanishes():
    results = _results()
    results['panoptic_ids'][:, :, 5:] = 0
    results['panoptic_ids'][:, :, -1] = 400
    results['scene_graph'].object_by_id(400).boxes = None
    dropped = set()
    for seed in range(10):
        clip = dict(results, rng=np.random.default_rng(seed))
        crop = RandomCropFrames(min_scale=0.25, attempts=1, prob=1).transform(clip)
        graph = crop['scene_graph']
        visible = set(np.unique(crop['panoptic_ids'])) - {0}
        # The ghost was not visible before and stays.
        assert {i.id for i in graph.objects} == visible | {9}
        assert crop['num_dropped_objects'] == 2 - len(visible)
        assert crop['num_dropped_relations'] == 4 - len(graph.relations)
        dropped.add(crop['num_dropped_relations'])
    assert len(dropped) > 1


def test_crop_keeps_what_it_can_when_not_all_fits():
    for seed in range(10):
        clip = _results()
        clip['scene_graph'] = clip['scene_graph'].select_objects([7, 400])
        for item in clip['scene_graph'].objects:
            item.boxes = None
        clip['panoptic_ids'][:] = 0
        clip['panoptic_ids'][:, :, 0] = 7
        clip['panoptic_ids'][:, :, -1] = 400
        clip['rng'] = np.random.default_rng(seed)
        # Only the whole width would keep both; most windows keep neither.
        crop = RandomCropFrames(min_scale=0.05, attempts=60, prob=1).transform(clip)
        assert crop['num_dropped_objects'] <= 1


def test_nothing_is_cropped_at_probability_zero():
    results = RandomCropFrames(prob=0).transform(_results())
    assert results['img_shape'] == (HEIGHT, WIDTH)
    assert results['num_dropped_relations'] == 0


@pytest.mark.parametrize('transform', [RandomHorizontalFlip(), RandomCropFrames()])
def test_truth_is_not_augmented_in_test_mode(transform):
    with pytest.raises(ValueError, match='for training only'):
        transform.transform(_results(test_mode=True))


def test_pack_makes_tubes_in_augmented_geometry():
    results = RandomHorizontalFlip(prob=1).transform(_results())
    packed = PackSceneGraphInputs().transform(results)
    sample = packed['data_samples']
    assert sample.gt_masks.shape == (3, FRAMES, HEIGHT, WIDTH)
    tube = sample.gt_scene_graph.object_by_id(400).tube
    assert tube.frames == [2]
    np.testing.assert_array_equal(tube.decode(2), sample.gt_masks[1, 1].numpy())
    assert tube.boxes() == {2: (1, 4, 8, 10)}
    assert not sample.gt_scene_graph.object_by_id(9).tube
    assert packed['inputs']['rgb'].is_contiguous()
    x = torch.arange(WIDTH - 1, -1, -1) * 10
    assert (packed['inputs']['rgb'][:, 0] == x).all()


def test_pack_fills_absent_depth_with_zeros_and_leaves_absent_truth_out():
    results = _results()
    for key in ('depth', 'scene_graph', 'panoptic_ids'):
        del results[key]
    packed = PackSceneGraphInputs().transform(results)
    assert packed['inputs']['depth'].shape == (FRAMES, HEIGHT, WIDTH)
    assert not packed['inputs']['depth'].any()
    assert 'gt_scene_graph' not in packed['data_samples']
