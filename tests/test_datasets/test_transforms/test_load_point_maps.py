"""Points in space that pixels show, and that they follow the transforms."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.datasets.transforms import (
    LoadPointMaps,
    PackSceneGraphInputs,
    RandomCropFrames,
    RandomHorizontalFlip,
    ResizeFrames,
)
from mmfourdpsg.models.data_preprocessors import SceneGraphDataPreprocessor
from mmfourdpsg.registry import DATASETS, TRANSFORMS
from mmfourdpsg.utils import InputError

HEIGHT, WIDTH, FX = 30, 40, 500.0
FOCAL = FX * WIDTH / 640


def results_of(depth, **more):
    size = depth.shape[1:]
    return dict(
        frame_indices=list(range(len(depth))),
        rgb=np.zeros((*depth.shape, 3), np.uint8),
        depth=depth,
        ori_shape=size,
        img_shape=size,
        rng=np.random.default_rng(0),
        video_id='v',
        num_frames=9,
        **more,
    )


def plane():
    """Depth of the plane 0.2 x - 0.5 y + z = 3, ray by ray."""
    depth = np.zeros((1, HEIGHT, WIDTH), np.float32)
    for v in range(HEIGHT):
        for u in range(WIDTH):
            ray = np.array([u + 0.5 - WIDTH / 2, v + 0.5 - HEIGHT / 2, FOCAL]) / FOCAL
            depth[0, v, u] = 3 / (ray @ [0.2, -0.5, 1])
    return depth


def test_a_plane_is_back_projected_onto_itself():
    depth = plane()
    depth[0, 3, 4] = 0
    points = LoadPointMaps(FX).transform(results_of(depth))['points'][0]
    assert points.dtype == np.float32
    assert points[3, 4].tolist() == [0, 0, 0]
    known = depth[0] > 0
    np.testing.assert_allclose(points[known] @ [0.2, -0.5, 1], 3, rtol=1e-5)
    np.testing.assert_array_equal(points[..., 2], depth[0])
    # To the right x grows, downwards y.
    assert (np.diff(points[10, :, 0]) > 0).all()
    assert (np.diff(points[5:, 10, 1]) > 0).all()


def test_the_focal_length_counts_at_640_columns():
    small = LoadPointMaps(FX).transform(results_of(np.ones((1, 10, 20), np.float32)))
    large = LoadPointMaps(FX).transform(results_of(np.ones((1, 20, 40), np.float32)))
    means = large['points'].reshape(1, 10, 2, 20, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(means, small['points'], atol=1e-6)


def test_points_of_gta_are_those_that_its_matrices_project_to_the_pixels(gta):
    pipeline = [
        dict(type='SampleFrames', num_frames=2),
        dict(type='LoadRGBFrames'),
        dict(type='LoadDepthFrames'),
        dict(type='LoadPointMaps', fx=1.0),
    ]
    dataset = DATASETS.build(
        dict(
            type='PSG4DGTADataset',
            data_root=str(gta.root),
            split='val',
            pipeline=pipeline,
        )
    )
    found = dataset[0]
    points, frames = found['points'], found['frame_indices']
    height, width = points.shape[1:3]
    # Back to axes with y up and z towards the camera.
    rows = np.concatenate([points * [1, -1, -1], np.ones((*points.shape[:3], 1))], -1)
    clip = rows @ gta.projection
    clip = clip / clip[..., 3:]
    for frame in range(2):
        np.testing.assert_allclose(
            clip[frame, ..., 0],
            np.tile(np.linspace(-1, 1, width), (height, 1)),
            atol=1e-4,
        )
        np.testing.assert_allclose(
            clip[frame, ..., 1].T,
            np.tile(np.linspace(1, -1, height), (width, 1)),
            atol=1e-4,
        )
    metres = gta.videos['dock_1'].metres[frames]
    np.testing.assert_allclose(points[..., 2], metres, rtol=1e-3)
    # Without its matrices it is the pinhole's.
    other = TRANSFORMS.build(dict(type='LoadPointMaps', fx=1.0, matrices=False))
    assert not np.allclose(other.transform(dict(found))['points'], points, rtol=0.01)


def test_a_frame_without_depth_needs_no_matrix(tmp_path):
    depth = np.zeros((2, 4, 5), np.float32)
    results = results_of(depth, camera_path=str(tmp_path))
    assert not LoadPointMaps(FX).transform(results)['points'].any()
    depth[1] = 1
    with pytest.raises(InputError, match='000001'):
        LoadPointMaps(FX).transform(results_of(depth, camera_path=str(tmp_path)))


def test_points_stay_with_the_depth_of_their_pixels():
    depth = np.random.default_rng(1).uniform(1, 9, (2, 12, 20)).astype(np.float32)
    old = LoadPointMaps(FX).transform(results_of(depth))
    kept = old['points'].copy()
    new = RandomCropFrames(prob=1).transform(dict(old))
    new = ResizeFrames((8, 9)).transform(new)
    np.testing.assert_array_equal(new['points'][..., 2], new['depth'])
    known = {tuple(point) for point in kept.reshape(-1, 3)}
    assert {tuple(point) for point in new['points'].reshape(-1, 3)} <= known
    flipped = RandomHorizontalFlip(prob=1).transform(dict(old))
    np.testing.assert_array_equal(
        flipped['points'], kept[:, :, ::-1] * np.float32([-1, 1, 1])
    )
    # Of a camera at the centre the mirror image is what it would see.
    again = LoadPointMaps(FX).transform(results_of(depth[:, :, ::-1]))['points']
    np.testing.assert_allclose(flipped['points'], again, rtol=1e-5, atol=1e-6)


def test_points_reach_the_batch():
    items = []
    for frames, width in ((2, 6), (1, 4)):
        depth = np.full((frames, 5, width), frames, np.float32)
        results = LoadPointMaps(FX).transform(results_of(depth))
        items.append(PackSceneGraphInputs().transform(results))
    inputs = SceneGraphDataPreprocessor()(pseudo_collate(items))['inputs']
    assert inputs['points'].shape == (2, 2, 5, 6, 3)
    assert torch.equal(inputs['points'][..., 2], inputs['depth'])
    assert torch.equal(inputs['points'][1, :1, :, :4], items[1]['inputs']['points'])


def test_it_comes_before_the_size_changes():
    results = dict(results_of(plane()), img_shape=(3, 4))
    with pytest.raises(ValueError, match='before transforms of the size'):
        LoadPointMaps(FX).transform(results)
    with pytest.raises(ValueError, match='fx is 0, expected a positive'):
        LoadPointMaps(0)


def test_a_recipe_samples_points_beside_all_frames(gta, repository):
    config = Config.fromfile(repository / 'configs/sgpn/tabletop/sgpn.py')
    root = dict(data_root=str(gta.root))
    item = DATASETS.build({**config.test_dataloader.dataset, **root})[0]
    inputs, sample = item['inputs'], item['data_samples']
    assert sample.frame_indices == list(range(8))
    assert inputs['points'].shape == (*inputs['depth'].shape, 3) == (8, 144, 192, 3)
    assert torch.equal(inputs['points'][..., 2], inputs['depth'])
    # What finds the objects reads every frame, and the truth has them at full size.
    assert len(sample.rgbd_reader) == len(sample.frame_reader) == 9
    assert sample.rgbd_reader[8].rgb.shape == (144, 192, 3)
    assert len(sample.gt_scene_graph.objects[0].tube) == 9
    assert sample.ori_shape == (18, 24)
    item = DATASETS.build({**config.train_dataloader.dataset, **root})[0]
    masks = item['data_samples'].gt_masks
    assert masks.shape[1:] == item['inputs']['points'].shape[:3]
    assert 'rgbd_reader' not in item['data_samples']
