import pytest
import torch

from mmfourdpsg.models.scene_encoders import DepthToDisparity


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
