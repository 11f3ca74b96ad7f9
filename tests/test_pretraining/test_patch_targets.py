import math

import pytest
import torch

from mmfourdpsg.pretraining.imagebind.patch_targets import (
    object_means,
    object_patches,
    patch_geometry,
)
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject
from mmfourdpsg.utils import InputError

CATEGORIES = ('cube', 'ball', 'mug')


def test_a_slope_is_the_change_over_a_patch():
    # log-depth rises by 0.02 a column and falls by 0.01 a row.
    rows, columns = torch.meshgrid(torch.arange(8), torch.arange(12), indexing='ij')
    depth = torch.exp(1 + 0.02 * columns - 0.01 * rows)[None]
    geometry = patch_geometry(depth, (2, 3))
    assert geometry.known.all()
    torch.testing.assert_close(
        geometry.values[0, 1, 2],
        torch.tensor([1 + 0.02 * 9.5 - 0.01 * 5.5, 0.08, -0.04]),
        atol=1e-5,
        rtol=0,
    )


def test_unknown_depth_is_left_out():
    depth = torch.full((1, 4, 8), 2.0)
    depth[0, :, :4] = 0.0
    depth[0, :2, 4:] = torch.inf  # half of this patch is left
    values, known = patch_geometry(depth, (1, 2))
    assert known[0, 0].tolist() == [[False] * 3, [True] * 3]
    expected = torch.tensor([[0, 0, 0], [math.log(2), 0, 0]])
    torch.testing.assert_close(values[0, 0], expected)
    depth[0, 2, 4] = 0.0
    assert not patch_geometry(depth, (1, 2)).known.any()


def test_pixels_equal_to_half_a_patch_may_have_no_slope():
    depth = torch.zeros(1, 2, 4)
    depth[0, :, ::2] = 3.0
    known = patch_geometry(depth, (1, 1)).known
    assert known.flatten().tolist() == [True, False, True]


def test_object_means_leave_out_less_than_a_quarter_of_a_patch():
    features = torch.tensor([[1.0, 0.0], [3.0, 4.0]])[None, None]  # [1, 1, 2, C]
    coverage = torch.tensor([[1.0, 0.5], [0.0, 0.24], [0.25, 0.0]])[None, :, None]
    means, shown = object_means(features, coverage)
    assert shown.tolist() == [[True, False, True]]
    torch.testing.assert_close(means[0, 0], torch.tensor([2.5 / 1.5, 2 / 1.5]))
    torch.testing.assert_close(means[0, 2], torch.tensor([1.0, 0.0]))


def a_sample(masks, names):
    sample = SceneGraphDataSample()
    objects = [SceneObject(i, name) for i, name in enumerate(names)]
    frames, height, width = masks.shape[1:]
    sample.gt_scene_graph = SceneGraph('v', height, width, frames, objects, [])
    sample.gt_masks = masks
    sample.set_metainfo(dict(video_id='v', img_shape=(height, width)))
    return sample


def test_objects_of_unlike_videos_share_a_grid():
    small = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    small[0, 0, :2, :4] = True
    large = torch.zeros(2, 2, 4, 8, dtype=torch.bool)
    large[1, 1, :, 7] = True
    samples = [a_sample(small, ['mug']), a_sample(large, ['ball', 'cube'])]
    nothing = a_sample(large[:0], [])
    coverage, labels = object_patches(
        [*samples, nothing], CATEGORIES, (4, 8), (1, 2), torch.device('cpu')
    )
    assert coverage.shape == (5, 2, 1, 2)
    assert labels.tolist() == [[2, -1], [1, 0], [1, 0], [-1, -1], [-1, -1]]
    assert coverage[0, :, 0].tolist() == [[0.5, 0], [0, 0]]  # padded on the right
    assert coverage[2, :, 0].tolist() == [[0, 0], [0, 0.25]]
    assert coverage.sum() == 0.75


def test_an_unknown_name_is_an_error():
    sample = a_sample(torch.ones(1, 1, 2, 2, dtype=torch.bool), ['zebra'])
    with pytest.raises(InputError, match=r"video v .*'zebra'.*3 categories"):
        object_patches([sample], CATEGORIES, (2, 2), (1, 1), torch.device('cpu'))
