"""One-stage PSG4DFormer: clips, gradients from end to end, graphs of whole videos."""

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from small_segmentor import small_segmentor
from test_psg4dformer import HEAD, METAINFO, SIZE, Video, sample_of

from mmfourdpsg.registry import MODELS, has_compiled_operators

pytestmark = pytest.mark.skipif(
    not has_compiled_operators(), reason="needs mmcv's compiled operators"
)


def config():
    segmentor = small_segmentor()
    segmentor['head']['type'] = 'VideoQueryHead'
    head = dict(
        HEAD,
        pair_proposal=dict(type='PairMatrixProposal', hidden_channels=4, kernel_size=3),
        loss_pair=dict(type='PairBCELoss', loss_weight=5.0),
    )
    return dict(
        type='PSG4DFormerOneStage',
        data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
        segmentor=segmentor,
        relation_head=head,
        num_frames=4,
        chunk_size=3,
    )


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = MODELS.build(Config(config())._cfg_dict)
    model.init_weights()
    model.take_labels(METAINFO)
    return model


def batch(*clips):
    inputs, samples = dict(rgb=[], depth=[]), []
    video = Video()
    for frames in clips:
        sample = sample_of(video, frames)
        shown = [video.frame(t) for t in frames]
        ids = torch.stack([torch.from_numpy(frame.ids) for frame in shown])
        sample.gt_masks = ids == torch.tensor([1, 2, 1000])[:, None, None, None]
        rgb = torch.stack([torch.from_numpy(frame.rgb) for frame in shown])
        inputs['rgb'].append(rgb.permute(0, 3, 1, 2))
        depth = torch.stack([torch.from_numpy(frame.depth) for frame in shown])
        inputs['depth'].append(depth)
        samples.append(sample)
    return dict(inputs=inputs, data_samples=samples)


def total(losses, names):
    return sum(losses[name] for name in names)


RELATIONS = ('loss_pair', 'loss_predicate', 'loss_span')


def test_losses_of_relations_reach_the_backbone(model):
    model.train()
    # Any mask is there, however little is learned.
    model.query_fusion.register_forward_hook(
        lambda part, args, out: (out[0], torch.ones_like(out[1]))
    )
    data = model.data_preprocessor(batch([0, 4, 6], [5, 9]), True)
    losses = model(**data, mode='loss')
    layers = ('', 'd0.', 'd1.')
    masks = [f'{layer}loss_{part}' for layer in layers for part in
             ('cls', 'mask', 'dice')]  # fmt: skip
    assert set(losses) == {*masks, *RELATIONS}
    assert min(losses[name] for name in RELATIONS) > 0
    total(losses, RELATIONS).backward()
    for part in (
        model.segmentor.backbone.rgb_stream,
        model.segmentor.backbone.depth_stream,
        model.segmentor.head.mask2former.query_feat,
        model.relation_head,
        model.query_fusion,
    ):
        gradients = [p.grad for p in part.parameters() if p.grad is not None]
        assert sum(g.abs().sum() for g in gradients) > 0
    losses = model(**data, mode='loss')
    total(losses, masks).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_a_clip_has_the_same_result_in_any_batch(model):
    model.eval()
    data = model.data_preprocessor(batch([0, 4, 6], [5, 9]), True)
    seen = []
    loss = model.relation_head.loss
    model.relation_head.loss = lambda videos: seen.append(videos) or loss(videos)
    model(**data, mode='loss')
    alone = model.data_preprocessor(batch([5, 9]), True)
    model(**alone, mode='loss')
    (_, both), (one,) = seen
    torch.testing.assert_close(both[0], one[0], atol=1e-4, rtol=1e-3)
    assert both[2].tolist() == one[2].tolist() == [5, 9]


def test_a_head_of_one_frame_is_that_of_images(model):
    """But for where in time a frame is."""
    torch.manual_seed(1)
    head = model.segmentor.head.eval()
    flat = head.mask2former.decoder_positional_encoding
    head.positions.forward = lambda mask: flat(mask[0])[None]
    features = [torch.randn(1, 8 * 2**i, 16 // 2**i, 20 // 2**i) for i in range(4)]
    with torch.no_grad():
        found = head(features)
        categories, masks = head.mask2former(features, None)
    torch.testing.assert_close(found.categories, categories[-1][0])
    torch.testing.assert_close(found.masks[:, 0], masks[-1][0])
    assert len(found.earlier) == 2
    torch.testing.assert_close(found.earlier[1][1][:, 0], masks[1][0])


def test_masks_of_any_frame_follow_from_its_features(model):
    model.eval()
    with torch.no_grad():
        features = model._features(Video(), [0, 3, 6])
        found = model.segmentor.head(features)
        again, _ = model.segmentor.head.decode_pixels([x[1:2] for x in features])
    expected = torch.einsum('qc,chw->qhw', found.mask_embeddings, again[0])
    torch.testing.assert_close(found.masks[:, 1], expected, atol=1e-4, rtol=1e-3)


def test_features_of_a_frame_are_of_what_a_mask_covers(model):
    fusion = model.query_fusion
    torch.manual_seed(1)
    queries, features = torch.randn(2, 16), torch.randn(3, 16, 4, 5)
    masks = torch.full((2, 3, 4, 5), -50.0)
    masks[0, 1, :2, :2] = 50.0
    masks[1] = 50.0
    x, present = fusion(queries, masks, features)
    assert present.tolist() == [[False, True, False], [True] * 3]
    mean = features[1, :, :2, :2].mean(dim=(1, 2))
    expected = F.layer_norm(
        queries[0] + fusion.linear(mean), (16,), fusion.norm.weight, fusion.norm.bias
    )
    torch.testing.assert_close(x[0, 1], expected, atol=1e-4, rtol=1e-3)


def test_a_graph_is_of_every_frame_and_of_what_was_sure(model):
    model.eval()
    model.segmentor.min_score = 0.0
    model.segmentor.min_area_ratio = 0.0
    video = Video()
    sample = sample_of(video)
    head = model.segmentor.head.mask2former
    # Every query is an object.
    torch.nn.init.constant_(head.cls_embed.bias, 0.0)
    head.cls_embed.bias.data[-1] = -20.0
    model.predict({}, [sample])
    found = sample.pred_scene_graph
    assert found.num_frames == 10 and found.objects
    assert sorted(set(video.read)) == list(range(10))
    shown = sum(item.tube.decode(5).astype(int) for item in found.objects)
    assert shown.max() <= 1
    for row in found.relations:
        tubes = [found.object_by_id(end).tube.rles for end in (row.subject, row.object)]
        for start, end in row.span:
            assert all(t in tube for t in range(start, end + 1) for tube in tubes)
    assert [row.score for row in found.relations] == sorted(
        (row.score for row in found.relations), reverse=True
    )
    # Nothing is sure: an empty graph.
    model.segmentor.min_score = 1.0
    model.predict({}, [sample])
    assert sample.pred_scene_graph.objects == []
    assert found.height, found.width == SIZE


def test_it_can_begin_with_the_weights_of_the_first_of_two_stages(model):
    two_stage = MODELS.build(small_segmentor())
    model.segmentor.load_state_dict(two_stage.state_dict())
