"""Tubes gathered frame by frame, and who gets a pixel that several claim."""

import numpy as np
import pytest
import torch

from mmfourdpsg.models.tube_decoders import TubeCollector


def logits_of(*columns, size=(4, 8), sure=4.0):
    """Return raw masks that hold some columns each ``[N, h, w]``."""
    masks = torch.full((len(columns), *size), -sure)
    for mask, (first, last) in zip(masks, columns, strict=True):
        mask[:, first:last] = sure
    return masks


def collect(masks, weights=None, iou=None, visible=None, **options):
    count = len(masks)
    collector = TubeCollector(count, masks.shape[1:], weights, **options)
    iou = torch.full((count,), 0.5) if iou is None else torch.tensor(iou)
    visible = torch.ones(count) if visible is None else torch.tensor(visible)
    collector.add(0, masks, iou, visible > 0)
    return collector.result()


def columns_of(tube, frame=0):
    return np.flatnonzero(tube.decode(frame).any(0)).tolist()


def test_without_weights_masks_overlap_as_they_are():
    found = collect(logits_of((0, 5), (3, 8)))
    assert [columns_of(tube) for tube in found.tubes] == [
        [0, 1, 2, 3, 4],
        [3, 4, 5, 6, 7],
    ]
    assert found.volumes.tolist() == [20, 20]


def test_a_pixel_goes_to_the_object_that_counts_most():
    masks = logits_of((0, 5), (3, 8), (3, 5))
    found = collect(masks, torch.tensor([0.4, 0.9, 0.5]))
    assert [columns_of(tube) for tube in found.tubes] == [
        [0, 1, 2],
        [3, 4, 5, 6, 7],
        [],
    ]
    # What was decoded is known still.
    assert found.volumes.tolist() == [20, 20, 8]
    torch.testing.assert_close(
        found.overlaps,
        torch.tensor([[1, 8 / 32, 8 / 20], [8 / 32, 1, 8 / 20], [8 / 20, 8 / 20, 1]]),
    )


def test_the_iou_that_sam2_expects_counts_as_well():
    masks = logits_of((0, 5), (3, 8))
    found = collect(masks, torch.tensor([0.6, 0.5]), iou=[0.2, 0.9])
    assert columns_of(found.tubes[0]) == [0, 1, 2]
    assert found.ious.tolist() == pytest.approx([0.2, 0.9])


def test_what_is_absent_takes_no_pixels():
    masks = logits_of((0, 5), (3, 8))
    found = collect(masks, torch.tensor([0.9, 0.1]), visible=[0, 1])
    assert not found.tubes[0]
    assert columns_of(found.tubes[1]) == [3, 4, 5, 6, 7]
    assert found.ious.tolist() == [0, 0.5]


@pytest.mark.parametrize('per_pass', [1, 2, 64])
def test_the_winner_is_that_of_a_plain_loop(per_pass):
    torch.manual_seed(per_pass)
    masks, weights, iou = torch.randn(5, 6, 7), torch.rand(5), torch.rand(5)
    visible = torch.tensor([True, True, False, True, True])
    collector = TubeCollector(5, (6, 7), weights, objects_per_pass=per_pass)
    collector.add(3, masks, iou, visible)
    found = collector.result()
    held = np.zeros((5, 6, 7), bool)
    for row in range(6):
        for column in range(7):
            claims = [
                (float(masks[n, row, column].sigmoid() * weights[n] * iou[n]), n)
                for n in range(5)
                if visible[n] and masks[n, row, column] > 0
            ]
            if claims:
                held[max(claims)[1], row, column] = True
    for tube, mask in zip(found.tubes, held, strict=True):
        assert (tube.decode(3) == mask).all()


def test_a_decoder_with_weights_gives_disjoint_masks(build, moving_shapes):
    decoder = build(objects_per_pass=2)
    with torch.no_grad():
        decoder.sam2.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(50)
    frames, _ = moving_shapes(2, 3, 64, 80)
    prompts = torch.randn(5, 16)
    raw = decoder.predict(frames, prompts)
    found = decoder.predict(frames, prompts, torch.rand(5))
    for frame in range(3):
        before, after = (
            np.stack([tube.decode(frame) for tube in decoded.tubes])
            for decoded in (raw, found)
        )
        assert before.sum(0).max() > 1  # or nothing is competed for
        assert after.sum(0).max() == 1
        # Nobody loses a pixel that nobody gets.
        assert (before.any(0) == after.any(0)).all()
