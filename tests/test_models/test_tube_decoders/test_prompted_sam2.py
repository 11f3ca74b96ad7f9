"""Clicks, boxes and masks go through SAM2 as in its own tracker."""

import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.models.tube_decoders.prompted_sam2 import FramePrompts


@pytest.fixture
def sam2(build):
    torch.manual_seed(0)
    return build().sam2.eval()


@pytest.fixture
def features(sam2):
    return sam2.encode_frames(torch.randn(2, 3, sam2.image_size, sam2.image_size))


def official(sam2, features, points, labels, masks=None):
    """Run the heads of the package's own model on a first frame."""
    *fine, coarse = features.levels
    return sam2._forward_sam_heads(
        backbone_features=coarse + sam2.no_mem_embed.view(1, -1, 1, 1),
        point_inputs=dict(point_coords=points, point_labels=labels),
        mask_inputs=masks,
        high_res_features=fine,
        multimask_output=False,
    )


POINTS = torch.tensor([[[20.0, 30.0], [0.0, 0.0]], [[10.0, 12.0], [60.0, 50.0]]])
LABELS = torch.tensor([[1, -1], [2, 3]], dtype=torch.int32)


@torch.no_grad()
def test_clicks_and_boxes_are_the_official_ones(sam2, features):
    output = sam2.track(features, FramePrompts(POINTS, LABELS), sam2.new_memory_bank())
    low, _, iou, _, _, _, score = official(sam2, features, POINTS, LABELS)
    seen = score[:, 0] > 0
    assert torch.allclose(output.object_score, score[:, 0], atol=1e-5)
    assert torch.allclose(output.iou, iou[:, 0], atol=1e-5)
    # The official model gates what it returns.
    assert torch.allclose(output.logits[seen], low[seen, 0], atol=1e-4)
    assert (low[~seen] < -1000).all()


@torch.no_grad()
def test_masks_reach_the_decoder_and_the_memory_of_their_objects_alone(sam2, features):
    masks = torch.zeros(2, sam2.image_size, sam2.image_size)
    masks[:, 32:64, 32:96] = 1
    none = FramePrompts(POINTS, torch.full_like(LABELS, -1))
    given = none._replace(masks=masks, has_mask=torch.tensor([True, False]))
    banks = [sam2.new_memory_bank() for _ in range(2)]
    without, with_mask = (
        sam2.track(features, prompts, bank, present=torch.ones(2, dtype=torch.bool))
        for prompts, bank in zip((none, given), banks, strict=True)
    )
    assert not torch.allclose(without.logits[0], with_mask.logits[0])
    assert torch.allclose(without.logits[1], with_mask.logits[1], atol=1e-5)

    # Remembered is the given mask, encoded as the package does it.
    grid = tuple(features.levels[-1].shape[-2:])
    expected, _ = sam2._encode_new_memory(
        current_vision_feats=[features.levels[-1].flatten(2).permute(2, 0, 1)],
        feat_sizes=[grid],
        pred_masks_high_res=masks[:, None] * 20 - 10,
        object_score_logits=torch.ones(2, 1),
        is_mask_from_pts=False,
    )
    found = banks[1].outputs['cond_frame_outputs'][0]['maskmem_features'][0]
    assert F.cosine_similarity(found.flatten(), expected[0].flatten(), 0) > 0.99
    other = banks[0].outputs['cond_frame_outputs'][0]['maskmem_features'][0]
    assert F.cosine_similarity(other.flatten(), expected[0].flatten(), 0) < 0.99


@torch.no_grad()
def test_the_last_frame_is_not_remembered(sam2, features):
    bank = sam2.new_memory_bank()
    sam2.track(features, FramePrompts(POINTS, LABELS), bank, last=True)
    assert len(bank) == 0
