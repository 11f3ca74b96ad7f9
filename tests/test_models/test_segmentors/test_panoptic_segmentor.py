"""Segmentation of frames: two streams, gates, Mask2Former's head, and segments."""

import pytest
import torch
import torch.nn.functional as F
from small_segmentor import NUM_CATEGORIES, resnet, small_segmentor

from mmfourdpsg.models.segmentors import SegmentQueries
from mmfourdpsg.registry import MODELS, has_compiled_operators
from mmfourdpsg.structures import MaskTube
from mmfourdpsg.utils import InputError

pytestmark = pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)


@pytest.fixture(scope='module')
def segmentor():
    torch.manual_seed(0)
    model = MODELS.build(small_segmentor())
    model.init_weights()
    return model.eval()


def frames(count=2, size=(32, 40)):
    torch.manual_seed(1)
    rgb = torch.randint(0, 256, (count, 3, *size), dtype=torch.uint8)
    return rgb, torch.rand(count, *size) + 0.5


def test_without_depth_the_features_are_those_of_rgb_alone(segmentor):
    rgb, depth = frames(3)
    depth[1] = 0
    found = segmentor.extract_features(rgb, depth)
    alone = segmentor.extract_features(rgb, torch.zeros_like(depth))
    for one, other in zip(found, alone, strict=True):
        torch.testing.assert_close(one[1], other[1])
        assert not torch.allclose(one[0], other[0], atol=1e-3)


def test_a_gate_merges_each_stage_and_hands_on_the_mean(segmentor):
    backbone = segmentor.backbone
    torch.manual_seed(2)
    rgb, depth = torch.randn(2, 3, 32, 40), torch.randn(2, 1, 32, 40)
    with torch.no_grad():
        found = backbone(rgb, depth)
        x, z = (
            stream.maxpool(stream.relu(stream.norm1(stream.conv1(image))))
            for stream, image in (
                (backbone.rgb_stream, rgb),
                (backbone.depth_stream, torch.cat([depth] * 3, dim=1)),
            )
        )
        for stage, gate in enumerate(backbone.gates):
            x = getattr(backbone.rgb_stream, f'layer{stage + 1}')(x)
            z = getattr(backbone.depth_stream, f'layer{stage + 1}')(z)
            merged = gate.fuse(x.permute(0, 2, 3, 1), z.permute(0, 2, 3, 1))
            merged = merged.permute(0, 3, 1, 2)
            torch.testing.assert_close(found[stage], merged)
            x, z = F.relu((x + merged) / 2), F.relu((z + merged) / 2)
    assert backbone.out_channels == [8, 16, 32, 64]
    shared = {id(p) for p in backbone.rgb_stream.parameters()} & {
        id(p) for p in backbone.depth_stream.parameters()
    }
    assert not shared


def test_both_streams_begin_with_one_file_which_has_to_fit(tmp_path):
    torch.manual_seed(0)
    state = MODELS.build(resnet()).state_dict()
    path = tmp_path / 'resnet.pth'
    torch.save(dict(state, **{'fc.weight': torch.ones(2)}), path)
    config = dict(
        type='DualStreamResNet', rgb_stream=resnet(), depth_stream=resnet(),
        checkpoint=str(path),
    )  # fmt: skip
    backbone = MODELS.build(config)
    backbone.init_weights()
    for stream in (backbone.rgb_stream, backbone.depth_stream):
        for key, value in stream.state_dict().items():
            assert torch.equal(value, state[key])
    wide = dict(resnet(), stem_channels=16)
    other = MODELS.build(dict(config, rgb_stream=wide, depth_stream=wide))
    with pytest.raises(InputError, match=r'resnet\.pth: weights are not those'):
        other.init_weights()
    with pytest.raises(ValueError, match=r'expected .* as the RGB stream'):
        MODELS.build(dict(config, depth_stream=dict(resnet(), base_channels=4)))


def test_a_frame_has_the_same_result_in_any_batch(segmentor):
    rgb, depth = frames(3)
    both = segmentor(rgb, depth)
    alone = segmentor(rgb[2:], depth[2:])
    for key in ('categories', 'masks', 'queries'):
        torch.testing.assert_close(
            getattr(both, key)[2], getattr(alone, key)[0], atol=1e-4, rtol=1e-3
        )


def test_queries_are_those_of_the_last_layer_before_its_normalisation(segmentor):
    found = segmentor(*frames())
    head = segmentor.head.mask2former
    last = head.transformer_decoder.post_norm(found.queries)
    torch.testing.assert_close(head.cls_embed(last), found.categories)
    assert found.queries.shape == (2, 8, segmentor.embed_dims)
    assert len(found.earlier) == 2


def targets():
    masks = torch.zeros(2, 32, 40, dtype=torch.bool)
    masks[0, :16, :20] = masks[1, 20:, 10:30] = True
    return [torch.tensor([1, 3]), torch.zeros(0).long()], [masks, masks[:0]]


def test_losses_reach_both_streams_and_a_frame_may_be_empty(segmentor):
    segmentor.train()
    losses = segmentor.loss(*frames(), *targets())
    segmentor.eval()
    names = {'loss_cls', 'loss_mask', 'loss_dice'}
    assert set(losses) == {
        f'{layer}{name}' for layer in ('', 'd0.', 'd1.') for name in names
    }
    total = sum(losses.values())
    assert torch.isfinite(total)
    segmentor.zero_grad()
    total.backward()
    for part in (
        segmentor.backbone.rgb_stream,
        segmentor.backbone.depth_stream,
        *segmentor.backbone.gates,
        segmentor.head.mask2former.pixel_decoder,
    ):
        assert sum(p.grad.abs().sum() for p in part.parameters()) > 0
    # Frames that are empty one and all.
    nothing = [torch.zeros(0).long()] * 2, [torch.zeros(0, 32, 40).bool()] * 2
    losses = segmentor.loss(*frames(), *nothing)
    assert losses['loss_mask'] == 0 and losses['loss_cls'] > 0


def queries_of(masks, categories, size=(8, 10), sure=9.0):
    """Return what a head would find of given masks ``[n, 8, 10]``."""
    count = len(masks)
    found = torch.zeros(1, 6, NUM_CATEGORIES + 1)
    found[0, :, -1] = sure
    logits = torch.full((1, 6, *size), -9.0)
    for place, (mask, category) in enumerate(zip(masks, categories, strict=True)):
        # Not in the order of the objects.
        row = 5 - place
        found[0, row] = 0
        found[0, row, category] = sure
        logits[0, row] = torch.where(mask, 9.0, -9.0)
    queries = torch.arange(6.0)[None, :, None].expand(1, 6, 16)
    assert count <= 6
    return SegmentQueries(found, logits, queries)


def squares():
    masks = torch.zeros(2, 8, 10, dtype=torch.bool)
    masks[0, :4, :5] = True
    masks[1, 4:, 2:9] = True
    return masks


def test_segments_are_what_the_queries_show_in_the_videos_pixels(segmentor):
    found = queries_of(squares(), [2, 2])
    segments = segmentor.frame_segments(found, 0, (80, 100))
    # Two of one category stay two, stuff or not.
    assert segments.categories == [2, 2]
    assert segments.queries[:, 0].tolist() == [4, 5]
    for rle, mask, box in zip(
        segments.rles, squares().flip(0), segments.boxes, strict=True
    ):
        shown = torch.from_numpy(MaskTube(80, 100, {0: rle}).decode(0))
        wanted = mask.repeat_interleave(10, 0).repeat_interleave(10, 1)
        # Nothing but rounded corners is lost.
        assert (shown & wanted).sum() / (shown | wanted).sum() > 0.97
        y, x = shown.nonzero().T
        assert box.tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]
    assert min(segments.scores) > 0.99


def test_a_pixel_has_one_segment_and_what_is_hidden_is_none(segmentor):
    masks = torch.zeros(3, 8, 10, dtype=torch.bool)
    masks[0, :, :5] = True
    masks[1, :, 4:] = True
    masks[2, :2, :2] = True
    found = queries_of(masks, [0, 1, 2])
    found.categories[0, 4] = torch.tensor([0, 4.0, 0, 0, 0, 0])
    found.categories[0, 3] = torch.tensor([0, 0, 4.0, 0, 0, 0])
    segments = segmentor.frame_segments(found, 0, (8, 10))
    # The third lies within the surer first.
    assert segments.categories == [1, 0]
    shown = [MaskTube(8, 10, {0: rle}).decode(0) for rle in segments.rles]
    assert shown[1][:, :5].all() and not (shown[0] & shown[1]).any()


def test_nothing_sure_is_no_segment(segmentor):
    found = queries_of(squares(), [2, 3], sure=1.0)
    segments = segmentor.frame_segments(found, 0, (8, 10))
    assert len(segments) == 0 and segments.boxes.shape == (0, 4)


def test_assigned_queries_of_perfect_logits_are_those_of_the_objects(segmentor):
    masks = squares()
    found = queries_of(masks, [2, 3])
    large = masks.repeat_interleave(4, 1).repeat_interleave(4, 2)
    order = [1, 0]
    queries, there = segmentor.object_queries(
        found, 0, torch.tensor([3, 2]), large[order], 0.5
    )
    assert there.tolist() == [True, True]
    assert queries[:, 0].tolist() == [4, 5]
    # One whose query shows something else is not there.
    moved = large[order].roll(20, dims=2)
    _, there = segmentor.object_queries(found, 0, torch.tensor([3, 2]), moved, 0.5)
    assert there.tolist() == [False, False]
    queries, there = segmentor.object_queries(
        found, 0, torch.zeros(0).long(), large[:0], 0.5
    )
    assert queries.shape == (0, 16) and there.shape == (0,)
    # More objects than queries.
    many = torch.stack([large[0]] * 8)
    _, there = segmentor.object_queries(found, 0, torch.full((8,), 2), many, 0.5)
    assert there.sum() == 1


def test_without_a_depth_stream_depth_is_not_looked_at():
    torch.manual_seed(0)
    model = MODELS.build(small_segmentor(depth=False)).eval()
    rgb, depth = frames()
    found, other = model(rgb, depth), model(rgb, depth + 1)
    assert torch.equal(found.masks, other.masks)
    assert not any('depth' in name or 'gate' in name for name in model.state_dict())
