"""Scales of a vision transformer's features."""

import pytest
import torch

from mmfourdpsg.models.segmentors import SceneFeaturePyramid


def test_scales_are_four_two_one_and_a_half():
    torch.manual_seed(0)
    pyramid = SceneFeaturePyramid(8, 12)
    x = torch.randn(2, 6, 4, 8, requires_grad=True)
    scales = pyramid(x)
    sizes = [(24, 16), (12, 8), (6, 4), (3, 2)]
    assert [tuple(row.shape) for row in scales] == [(2, 12, *size) for size in sizes]
    assert pyramid.out_channels == [12] * 4
    for scale in scales:
        (grad,) = torch.autograd.grad(scale.square().sum(), x, retain_graph=True)
        assert float(grad.abs().sum()) > 0
        # Each pixel is normalised over its channels.
        assert scale.mean(dim=1).abs().max() < 1e-5


def test_a_frame_does_not_depend_on_others():
    torch.manual_seed(0)
    pyramid = SceneFeaturePyramid(8, 12)
    x = torch.randn(3, 4, 4, 8)
    for alone, all_of_them in zip(pyramid(x[1:2]), pyramid(x), strict=True):
        torch.testing.assert_close(alone[0], all_of_them[1])


def test_widths_that_cannot_be_quartered_are_refused():
    with pytest.raises(ValueError, match='multiple of 4'):
        SceneFeaturePyramid(6)
