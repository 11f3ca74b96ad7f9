import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image

from mmfourdpsg.models.scene_encoders import DepthToDisparity
from mmfourdpsg.models.scene_encoders.depth_to_disparity import REFERENCE_WIDTH


def test_values_follow_the_rule():
    convert = DepthToDisparity(
        fx=500, baseline=0.1, clip=(0.5, 10), max_disparity=75, mean=0.1, std=0.2
    )
    depth = torch.tensor([[[1.0, 4.0, 0.2, 80.0]]])
    # 0.1 * 500 / depth with depth clipped to 0.5..10, capped at 75, over 75
    disparity = torch.tensor([50 / 75, 12.5 / 75, 75 / 75, 5 / 75])
    found = convert(depth)
    assert found.shape == (1, 1, 1, 4)
    torch.testing.assert_close(found[0, 0, 0], (disparity - 0.1) / 0.2)


def test_without_cap_disparity_is_not_scaled():
    convert = DepthToDisparity(
        fx=500, baseline=0.1, max_disparity=None, mean=0.0, std=1.0
    )
    found = convert(torch.tensor([[[0.02]]]))
    assert found.item() == pytest.approx(2500)


def test_unknown_depth_is_the_documented_value():
    depth = torch.tensor([[[0.0, -1.0, float('nan'), float('inf'), 2.0]]])
    found = DepthToDisparity()(depth)[0, 0, 0]
    assert (found[:4] == 0).all() and found[4] != 0
    found = DepthToDisparity(unknown_value=-3.0)(depth)[0, 0, 0]
    assert (found[:4] == -3).all()
    assert torch.isfinite(found).all()


def test_resize_averages_known_pixels_only():
    convert = DepthToDisparity(fx=10, baseline=1, max_disparity=None, mean=0, std=1)
    depth = torch.full((1, 8, 8), 2.0)
    depth[:, :, 4:] = 0  # right half unknown
    depth[0, 1, 1] = 0  # one hole
    found = convert(depth, (4, 4))
    assert found.shape == (1, 1, 4, 4)
    assert torch.allclose(found[0, 0, :, :2], torch.tensor(5.0))  # nothing bled in
    assert (found[0, 0, :, 2:] == 0).all()


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match='positive'):
        DepthToDisparity(fx=0)
    with pytest.raises(ValueError, match='ascending'):
        DepthToDisparity(clip=(5, 1))


def test_the_factor_of_the_official_weights_divides_disparity():
    depth = torch.tensor([[[1.0, 2.0]]])
    convert = DepthToDisparity(fx=400, baseline=0.075, mean=0, std=1, depth_scale=8)
    expected = 0.075 * 400 / (8 * torch.tensor([1.0, 2.0])) / 75
    torch.testing.assert_close(convert(depth)[0, 0, 0], expected)
    # Metres as they are, by default.
    plain = DepthToDisparity(fx=400, baseline=0.075, mean=0, std=1)
    torch.testing.assert_close(convert(depth) * 8, plain(depth))


def test_what_is_too_near_is_saturated():
    convert = DepthToDisparity(fx=100, baseline=1.5, clip=(0.1, 50))
    depth = torch.tensor([[[0.0, 0.05, 1.9, 2.0, 2.1, float('nan')]]])
    # Disparity reaches 75 pixels at two metres.
    assert convert.saturated(depth)[0, 0].tolist() == [
        False, True, True, True, False, False,
    ]  # fmt: skip
    uncapped = DepthToDisparity(clip=(0.1, 50), max_disparity=None)
    assert uncapped.saturated(depth)[0, 0].tolist() == [False, True, *[False] * 4]


def _official(repository, **changed):
    path = repository / 'configs/_base_/models/frame_encoders/imagebind_huge.py'
    config = dict(Config.fromfile(path).imagebind_huge.depth_to_disparity, **changed)
    config.pop('type')
    return DepthToDisparity(**config)


def _room(nearest):
    """Depth ``[480, 640]`` in metres of a level camera's view of a floor and a wall."""
    row = np.arange(480)[:, None] + np.zeros(640)
    below = np.maximum(row - 239.5, 1e-6)
    # What the lowest row shows is the nearest.
    floor = nearest * (479 - 239.5) / below
    return torch.from_numpy(np.minimum(floor, 2 * nearest).astype(np.float32))[None]


@pytest.mark.parametrize(
    ('nearest', 'official', 'plain'),
    # In standard deviations. The second is the range in which a hand is.
    [(1.5, 1, 3), (0.45, 3, 10)],
)
def test_a_room_is_in_the_range_of_the_official_weights(
    repository, nearest, official, plain
):
    depth = _room(nearest)
    convert = _official(repository)
    assert abs(convert(depth).mean()) < official
    assert not convert.saturated(depth).any()
    assert _official(repository, depth_scale=1)(depth).mean() > plain


@pytest.mark.parametrize(
    ('median', 'scale', 'mean', 'deviation', 'saturated'),
    [
        (None, 8.0, -0.1, 0.35, 0.0),
        (None, 1.0, 9.1, 2.8, 0.0),
        # The range in which a hand is.
        (0.7, 8.0, 2.1, 0.9, 0.0),
        (0.7, 1.0, 25.0, 5.5, 0.25),
    ],
)
def test_real_frames_are_in_the_range_of_the_official_weights(
    repository, fixtures_dir, median, scale, mean, deviation, saturated
):
    root = fixtures_dir / 'rgbd_sequence'
    camera = json.loads((root / 'camera_primesense.json').read_text())
    frames = [np.asarray(Image.open(path)) for path in sorted(root.glob('depth/*'))]
    depth = torch.from_numpy(np.stack(frames).astype(np.float32) / 1000)
    known = depth > 0
    if median is not None:
        depth *= median / depth[known].median()
    convert = _official(repository)
    assert convert.depth_scale == 8
    fx = camera['intrinsic_matrix'][0] * 640 / camera['width']
    convert = _official(repository, fx=fx, depth_scale=scale)
    found = convert(depth)[:, 0][known]
    assert found.mean() == pytest.approx(mean, abs=0.5 if scale == 1 else 0.05)
    assert found.std() == pytest.approx(deviation, abs=0.1 * deviation)
    share = convert.saturated(depth)[known].float().mean()
    assert share == pytest.approx(saturated, abs=0.02)


@pytest.mark.parametrize(
    ('camera', 'columns', 'pixels'),
    [('psg4d_gta', 1280, 858), ('psg4d_hoi', 1920, 1050), ('diml', 1344, 757)],
)
def test_fx_counts_at_the_reference_width(repository, camera, columns, pixels):
    row = Config.fromfile(repository / 'configs/_base_/cameras.py').cameras[camera]
    assert row.fx == pytest.approx(pixels * REFERENCE_WIDTH / columns, rel=1e-3)
    convert = _official(repository, **row)
    # At arm's length and across a room.
    found = convert(torch.tensor([[[0.5, 1.0, 3.0]]]))
    assert (found.abs() < 3).all()
    # Where hands are.
    near = torch.linspace(0.3, 1.0, 100)[None, None]
    assert convert(near).mean().abs() < 3
    assert not convert.saturated(near).any()
