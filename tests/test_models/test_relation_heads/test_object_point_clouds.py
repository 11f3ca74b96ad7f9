"""Clouds of objects and pairs: which frame, which points, and none that is empty."""

import pytest
import torch

from mmfourdpsg.models.relation_heads import PointCloudSampler


def flat_scene(num_frames=2, height=6, width=12):
    """A wall that faces the camera: z is 2 everywhere, x and y count the pixels."""
    y, x = torch.meshgrid(
        torch.arange(height).float(), torch.arange(width).float(), indexing='ij'
    )
    points = torch.stack([x, y, torch.full_like(x, 2.0)], dim=-1)
    return points.repeat(num_frames, 1, 1, 1)  # [T, H, W, 3]


def boxes(*rows, num_frames=2, height=6, width=12):
    """Masks of boxes (object, frame, top, bottom, left, right)."""
    count = 1 + max(row[0] for row in rows)
    masks = torch.zeros(count, num_frames, height, width, dtype=torch.bool)
    for number, frame, top, bottom, left, right in rows:
        masks[number, frame, top:bottom, left:right] = True
    return masks


SAMPLER = PointCloudSampler(num_object_points=16, num_pair_points=40)


@pytest.mark.parametrize('random', [False, True])
def test_flat_coplanar_pairs_have_points(random):
    masks = boxes((0, 0, 2, 3, 2, 4), (1, 0, 2, 3, 7, 8))
    found = SAMPLER(flat_scene(), masks, random)
    assert found.known.all()
    assert found.ends.tolist() == [[0, 1], [1, 0]]
    assert found.pairs.shape == (2, 40, 4)
    assert torch.isfinite(found.pairs).all() and torch.isfinite(found.objects).all()
    # Even a single point is one, and so is its box.
    single = boxes((0, 0, 2, 3, 2, 3), (1, 0, 2, 3, 3, 4))
    assert torch.isfinite(SAMPLER(flat_scene(), single, random).objects).all()


def test_the_points_of_a_pair_are_those_in_the_box_around_both():
    masks = boxes((0, 0, 1, 2, 2, 4), (1, 0, 3, 5, 7, 9))
    found = PointCloudSampler(16, 400)(flat_scene(), masks, random=True)
    cloud, whose = found.pairs[0, :, :3], found.pairs[0, :, 3]
    torch.testing.assert_close(cloud.mean(dim=0), torch.zeros(3), atol=1e-4, rtol=0)
    width, height = (cloud[:, axis].max() - cloud[:, axis].min() for axis in (0, 1))
    # In metres: from 2 to 8 and from 1 to 4, ends included.
    assert (round(width.item(), 4), round(height.item(), 4)) == (6, 3)
    corner = cloud.amin(dim=0) - torch.tensor([2.0, 1.0, 0.0])
    pixels = (cloud - corner).round().long()
    expected = torch.zeros(6, 12)
    expected[1:2, 2:4] = 1
    expected[3:5, 7:9] = 2
    assert torch.equal(whose, expected[pixels[:, 1], pixels[:, 0]])
    # The reverse pair has the same points under exchanged roles.
    assert torch.equal(found.pairs[1, :, :3], cloud)
    assert torch.equal(found.pairs[1, :, 3], torch.tensor([0.0, 2, 1])[whose.long()])


def test_a_small_thing_on_a_large_one_has_its_share_of_points():
    masks = boxes((0, 0, 0, 6, 0, 12), (1, 0, 3, 4, 5, 6))
    masks[0] &= ~masks[1]
    for share, least in ((0.25, 10), (0.0, 0)):
        sampler = PointCloudSampler(16, 40, end_share=share)
        pairs = sampler(flat_scene(), masks, random=True).pairs
        assert pairs[0, :, 3].eq(2).sum() >= least
    with pytest.raises(ValueError, match=r'end_share is 0\.6, expected 0 to 0\.5'):
        PointCloudSampler(end_share=0.6)


def test_an_object_is_seen_where_it_is_largest_and_a_pair_where_both_are():
    points = flat_scene(3)
    points[1, ..., 2], points[2, ..., 2] = 3.0, 4.0
    points[1:] *= torch.tensor([1.0, 2.0, 1.0])
    masks = boxes(
        *((0, 0, 0, 2, 0, 9), (0, 1, 0, 2, 0, 4), (0, 2, 0, 1, 0, 1)),
        *((1, 1, 3, 5, 0, 3), (1, 2, 3, 6, 0, 9)),
        (2, 0, 5, 6, 0, 1),
        num_frames=3,
    )
    found = SAMPLER(points, masks)
    # Object 1 is largest in frame 2, where a row is two metres high.
    extent = found.objects[1].amax(dim=0) - found.objects[1].amin(dim=0)
    torch.testing.assert_close(extent[0] / extent[1], torch.tensor(8 / 4))
    # A single point, as object 2 has, is at the centre.
    radii = found.objects.norm(dim=-1).amax(dim=1)
    torch.testing.assert_close(radii, torch.tensor([1.0, 1.0, 0.0]))
    # 0 and 1: the lesser has 6 points in frame 1, and 1 in frame 2.
    assert found.ends.tolist() == [[0, 1], [0, 2], [1, 0], [2, 0]]
    height = found.pairs[0, :, 1].max() - found.pairs[0, :, 1].min()
    assert height.item() == pytest.approx(8)


def test_objects_without_a_known_point_have_no_pair():
    points = flat_scene()
    points[:, :3] = 0
    masks = boxes((0, 0, 0, 3, 0, 4), (1, 0, 3, 6, 0, 4), (2, 1, 3, 6, 0, 4))
    found = SAMPLER(points, masks)
    assert found.known.tolist() == [False, True, True]
    assert not found.objects[0].any()
    assert found.ends.shape == (0, 2) and found.pairs.shape == (0, 40, 4)
    none = SAMPLER(points, masks[:0])
    assert none.objects.shape == (0, 16, 3) and none.ends.shape == (0, 2)


def test_points_are_the_same_each_time_and_in_any_order_of_objects():
    points = flat_scene()
    masks = boxes((0, 0, 0, 2, 0, 5), (1, 0, 3, 5, 2, 9), (2, 0, 2, 6, 9, 12))
    found, again = SAMPLER(points, masks), SAMPLER(points, masks)
    assert torch.equal(found.pairs, again.pairs)
    order = torch.tensor([2, 0, 1])
    other = SAMPLER(points, masks[order])
    assert torch.equal(other.objects, found.objects[order])
    rows = {tuple(pair): row for row, pair in enumerate(found.ends.tolist())}
    for pair, cloud in zip(order[other.ends].tolist(), other.pairs, strict=True):
        expected = found.pairs[rows[tuple(pair)]]
        # As a set: whose points come first depends on the order.
        torch.testing.assert_close(cloud.sort(dim=0)[0], expected.sort(dim=0)[0])
