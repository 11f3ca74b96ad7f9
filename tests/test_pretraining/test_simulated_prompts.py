import torch

from mmfourdpsg.pretraining.sam2.simulated_prompts import KINDS, make_clicks, mask_boxes


def a_mask(rows, columns, size=16):
    mask = torch.zeros(size, size)
    mask[rows, columns] = 1
    return mask


def test_boxes_are_where_the_masks_are():
    masks = torch.stack([a_mask(slice(2, 5), slice(3, 11)), a_mask(15, 15)])
    assert mask_boxes(masks).tolist() == [[[3, 2], [11, 5]], [[15, 15], [16, 16]]]


def test_what_covers_no_pixel_by_half_still_has_a_box():
    mask = torch.zeros(8, 8)
    mask[3, 4], mask[3, 5], mask[6, 6] = 0.3, 0.2, 0.05
    assert mask_boxes(mask[None]).tolist() == [[[4, 3], [6, 4]]]


def test_a_box_has_two_corners_and_a_click_one_inner_point():
    masks = torch.stack([a_mask(slice(2, 5), slice(3, 11))] * 2)
    kinds = torch.tensor([KINDS.index('box'), KINDS.index('point')])
    clicks = make_clicks(masks, kinds, image_size=64)
    assert clicks.labels.tolist() == [[2, 3], [1, -1]]
    # Four input pixels a mask pixel; pixel centres lie at halves.
    assert clicks.points[0].tolist() == [[11.5, 7.5], [43.5, 19.5]]
    column, row = clicks.points[1, 0].tolist()
    assert row == 3.5 * 4 - 0.5
    assert 4.5 * 4 - 0.5 <= column <= 9.5 * 4 - 0.5


def test_other_kinds_have_no_click():
    masks = torch.stack([a_mask(slice(2, 5), slice(3, 11))] * 2)
    kinds = torch.tensor([KINDS.index('mask'), KINDS.index('embedding')])
    clicks = make_clicks(masks, kinds, 64, noise=0.1)
    assert (clicks.labels == -1).all()


def test_noisy_clicks_stay_on_the_object_and_noisy_boxes_near_it():
    torch.manual_seed(0)
    mask = a_mask(slice(2, 5), slice(3, 11))
    masks = mask.expand(200, -1, -1)
    points = torch.full((200,), KINDS.index('point'))
    place = (make_clicks(masks, points, 16, noise=0.1).points[:, 0] + 0.5).long()
    assert mask[place[:, 1], place[:, 0]].all()
    assert len(place.unique(dim=0)) > 10
    boxes = make_clicks(masks, torch.full_like(points, KINDS.index('box')), 16, 0.1)
    shift = boxes.points + 0.5 - torch.tensor([[3.0, 2.0], [11.0, 5.0]])
    assert (shift.abs() <= torch.tensor([0.8, 0.3]) + 1e-5).all()
    assert shift.std() > 0.1
