import colorsys

import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.frame_readers import DepthDirectoryReader, open_frames
from mmfourdpsg.datasets.transforms import RandomColourJitter, SampleFrames
from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.utils import InputError


def _sample(total, **kwargs):
    seed = kwargs.pop('seed', 0)
    results = dict(num_frames=total, rng=np.random.default_rng(seed))
    return SampleFrames(**kwargs).transform(results)['frame_indices']


@pytest.mark.parametrize(
    ('total', 'count', 'expected'),
    [(24, 8, list(range(1, 24, 3))), (9, 3, [1, 4, 7]), (5, 8, [0, 1, 2, 3, 4])],
)
def test_sampled_frames_are_the_middles_of_equal_segments(total, count, expected):
    assert _sample(total, num_frames=count) == expected


def test_jitter_samples_a_frame_within_each_segment():
    samples = np.array(
        [_sample(23, num_frames=5, jitter=True, seed=s) for s in range(300)]
    )
    edges = [0, 4, 9, 13, 18, 23]
    for i in range(5):
        # Every frame of the segment occurs, and none of another.
        assert set(samples[:, i]) == set(range(edges[i], edges[i + 1]))
    np.testing.assert_array_equal(
        samples[7], _sample(23, num_frames=5, jitter=True, seed=7)
    )
    assert _sample(1, num_frames=4, jitter=True) == [0]
    with pytest.raises(ValueError, match='at least 1'):
        SampleFrames(0)


def test_sample_follows_numpys_seed_without_a_generator():
    def draw(seed):
        np.random.seed(seed)
        transform = SampleFrames(4, jitter=True)
        return [transform.transform(dict(num_frames=400)) for _ in range(2)]

    first, again, other = ([r['frame_indices'] for r in draw(s)] for s in (3, 3, 4))
    assert first == again
    assert first[0] != first[1]
    assert first != other


def _jitter(rgb, seed=0, **reaches):
    options = dict(brightness=0, contrast=0, saturation=0, hue=0, prob=1) | reaches
    results = dict(rgb=rgb, rng=np.random.default_rng(seed))
    return RandomColourJitter(**options).transform(results)['rgb']


def _clip():
    return np.random.default_rng(1).integers(60, 180, (3, 5, 6, 3), dtype=np.uint8)


def test_colours_change_alike_in_all_frames():
    one = np.random.default_rng(2).integers(0, 255, (5, 6, 3), dtype=np.uint8)
    clip = np.stack([one, one])
    out = _jitter(clip, brightness=0.3, contrast=0.3, saturation=0.3, hue=0.1)
    assert out.dtype == np.uint8
    assert (out != clip).mean() > 0.5
    np.testing.assert_array_equal(out[0], out[1])
    np.testing.assert_array_equal(clip[0], one)


def test_each_colour_change_does_what_it_says():
    clip = _clip()
    np.testing.assert_array_equal(_jitter(clip), clip)
    ratio = _jitter(clip, brightness=0.2) / clip
    assert ratio.std() < 0.01
    assert 0.8 <= ratio.mean() <= 1.2
    out = _jitter(clip, contrast=0.3).astype(float)
    assert abs(out.mean() - clip.mean()) < 0.5
    assert out.std() != pytest.approx(clip.std(), rel=0.01)
    grey = np.repeat(clip[..., :1], 3, axis=-1)
    np.testing.assert_array_equal(_jitter(grey, saturation=0.5, hue=0.5), grey)
    out = _jitter(clip, saturation=0.5)
    np.testing.assert_allclose(out.mean(-1), clip.mean(-1), atol=0.51)
    assert out.std(-1).mean() != pytest.approx(clip.std(-1).mean(), rel=0.01)


def test_hue_turns_and_keeps_brightness():
    clip = np.full((1, 2, 2, 3), (150, 100, 100), np.uint8)
    hues = set()
    for seed in range(20):
        out = _jitter(clip, seed, hue=0.5)
        assert abs(out.mean() - clip.mean()) < 1
        hues.add(round(colorsys.rgb_to_hsv(*(out[0, 0, 0] / 255))[0], 1))
    assert len(hues) > 5


def test_no_colour_changes_at_probability_zero():
    clip = _clip()
    np.testing.assert_array_equal(_jitter(clip, brightness=0.5, prob=0), clip)


def _dataset(gta, missing):
    pipeline = [
        dict(type='SampleFrames', num_frames=3),
        dict(type='LoadRGBFrames'),
        dict(
            type='LoadDepthFrames',
            decoder=dict(type='SAILVOS3DDepthDecoder'),
            missing=missing,
        ),
    ]
    return PSG4DGTADataset(data_root=str(gta.root), pipeline=pipeline)


def test_missing_depth_may_be_unknown_with_one_counted_warning(gta):
    (gta.root / 'depth/alley_1/000001.npy').unlink()
    (gta.root / 'rage_matrices/alley_1/000007.npz').unlink()
    with pytest.raises(InputError, match=r'000001\.npy: is missing'):
        _dataset(gta, 'error')[0]
    dataset = _dataset(gta, 'unknown')
    with pytest.warns(UserWarning, match='depth of 2 of 3 sampled') as caught:
        depth = dataset[0]['depth']
        dataset[0]
    assert len(caught) == 1
    np.testing.assert_array_equal(depth[[0, 2]], 0)
    metres = gta.videos['alley_1'].metres[4]
    np.testing.assert_allclose(depth[1], metres, rtol=2e-5)
    (gta.root / 'depth/alley_1/000001.npy').write_bytes(b'\x93NUMPY')
    with pytest.raises(InputError, match='is truncated'):
        dataset[0]


def test_unknown_ids_may_be_void(gta):
    path = gta.root / 'masks/alley_1/000004.npy'
    np.save(path, np.where(np.load(path) == gta.ids.car, 55, np.load(path)))
    load = dict(type='LoadPanopticMasks', frames='all', unknown_ids='void')
    dataset = PSG4DGTADataset(data_root=str(gta.root), pipeline=[load])
    with pytest.warns(UserWarning, match=r'unknown object ids \[55\].* as void'):
        graph = dataset[0]['scene_graph']
    assert 4 not in graph.object_by_id(gta.ids.car).tube.frames
    assert 4 in graph.object_by_id(gta.ids.wall).tube.frames


def test_a_readers_own_frames_go_through_the_pipeline(tmp_path):
    for kind in ('color', 'depth'):
        (tmp_path / kind).mkdir()
    for t in range(5):
        rgb = np.full((48, 64, 3), 40 * t, np.uint8)
        Image.fromarray(rgb).save(tmp_path / f'color/{t}.png')
        depth = np.full((48, 64), 1000 + t, np.uint16)
        depth[:, :16] = 0
        Image.fromarray(depth).save(tmp_path / f'depth/{t}.png')
    frames = open_frames(tmp_path / 'color')
    results = dict(
        video_id='desk',
        num_frames=len(frames),
        test_mode=True,
        frame_reader=frames,
        depth_reader=DepthDirectoryReader(tmp_path / 'depth', num_frames=len(frames)),
    )
    for config in (
        dict(type='SampleFrames', num_frames=8),
        dict(type='LoadRGBFrames'),
        dict(type='LoadDepthFrames', decoder=dict(type='MetricDepthDecoder')),
        dict(type='ResizeFrames', size=(24, 32)),
        dict(type='PackSceneGraphInputs'),
    ):
        results = TRANSFORMS.build(config)(results)
    assert results['inputs']['rgb'].shape == (5, 3, 24, 32)
    assert [int(rgb.unique()) for rgb in results['inputs']['rgb']] == [
        40 * t for t in range(5)
    ]
    for t, depth in enumerate(results['inputs']['depth']):
        assert (depth[:, :8] == 0).all()
        np.testing.assert_allclose(depth[:, 8:], 1 + t / 1000, rtol=1e-6)
    assert results['data_samples'].frame_reader[4].shape == (48, 64, 3)
