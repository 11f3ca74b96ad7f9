import torch
import torch.nn.functional as F

from mmfourdpsg.models.scene_encoders import SceneEncoder
from mmfourdpsg.registry import MODELS


def mini_config(**kwargs):
    return dict(
        type='SceneEncoder',
        rgb_encoder=dict(
            type='ImageBindVisionEncoder',
            embed_dims=128,
            num_blocks=4,
            num_heads=4,
            patch_size=8,
            image_size=96,
        ),
        depth_encoder=dict(
            type='ImageBindDepthEncoder',
            embed_dims=64,
            num_blocks=2,
            num_heads=4,
            patch_size=12,
            image_size=96,
        ),
        depth_to_disparity=dict(type='DepthToDisparity'),
        aggregator=dict(type='SAGate'),
        token_merging=dict(type='DPCKNNTokenMerging', scales=(16, 8, 4), max_events=4),
        **kwargs,
    )


def batch():
    torch.manual_seed(0)
    rgb = torch.randint(256, (2, 3, 3, 72, 96), dtype=torch.uint8)
    depth = 0.5 + 3 * torch.rand(2, 3, 72, 96)
    frame_mask = torch.tensor([[True, True, True], [True, True, False]])
    rgb[1, 2], depth[1, 2] = 0, 0
    times = torch.tensor([[0.0, 1 / 3, 2 / 3], [0.0, 0.5, 0.0]])
    return rgb, depth, frame_mask, times


def build(**kwargs) -> SceneEncoder:
    torch.manual_seed(1)
    return MODELS.build(mini_config(**kwargs))


@torch.no_grad()
def test_a_batch_becomes_tokens():
    encoder = build().train()
    tokens, mask = encoder(*batch())
    assert encoder.embed_dims == 128 and encoder.grid_size == (12, 12)
    assert tokens.shape == (2, 3 * 28, 128)
    assert mask.sum(dim=1).tolist() == [3 * 28, 2 * 28]
    assert torch.isfinite(tokens).all()


@torch.no_grad()
def test_each_frame_is_encoded_once_and_padding_not_at_all():
    encoder = build()
    seen = {'rgb': [], 'depth': []}
    for name in seen:
        module = getattr(encoder, f'{name}_encoder')
        module.register_forward_hook(
            lambda _, args, out, name=name: seen[name].append(len(args[0]))
        )
    rgb, depth, frame_mask, times = batch()
    depth[0, 1] = 0  # one frame without depth
    encoder(rgb, depth, frame_mask, times)
    assert seen == {'rgb': [5], 'depth': [4]}
    encoder(rgb, torch.zeros_like(depth), frame_mask, times)
    assert seen['depth'] == [4]  # RGB alone: the depth branch does not run


@torch.no_grad()
def test_padding_of_pixels_is_not_seen():
    encoder = build().eval()
    rgb, depth, frame_mask, times = batch()
    wide = rgb[1:, :2, :, :48], depth[1:, :2, :48], frame_mask[1:, :2]
    # As the data preprocessor leaves it beside the other one.
    rgb[1, :, :, 48:], depth[1, :, 48:] = 0, 0
    shapes = [(72, 96), (48, 96)]
    alone = encoder.encode_frames(*wide)
    beside = encoder.encode_frames(rgb, depth, frame_mask, shapes)
    stretched = encoder.encode_frames(rgb, depth, frame_mask)
    other = encoder.encode_frames(rgb[:1], depth[:1], frame_mask[:1])
    for name in ('rgb', 'depth'):
        found = getattr(beside, name)
        torch.testing.assert_close(found[1:, :2], getattr(alone, name))
        torch.testing.assert_close(found[:1], getattr(other, name))
        assert (found[1, 2] == 0).all()
        assert not torch.allclose(found, getattr(stretched, name), atol=0.1)
    tokens, mask = encoder(rgb, depth, frame_mask, times, shapes)
    expected, _ = encoder(*wide, times[1:, :2])
    torch.testing.assert_close(tokens[1][mask[1]], expected[0])


@torch.no_grad()
def test_features_are_those_of_the_parts():
    encoder = build()
    rgb, depth, frame_mask, _ = batch()
    found = encoder.encode_rgb(rgb)
    assert found.shape == (2, 3, 12, 12, 128)
    expected = encoder.rgb_encoder(rgb[1, :1].float() / 255)[0]
    torch.testing.assert_close(found[1, 0], expected, atol=1e-4, rtol=1e-4)
    masked = encoder.encode_rgb(rgb, frame_mask)
    torch.testing.assert_close(masked[frame_mask], found[frame_mask])
    assert (masked[1, 2] == 0).all()

    found = encoder.encode_depth(depth)
    disparity = encoder.depth_to_disparity(depth[0, 2:], (96, 96))
    features = encoder.depth_encoder(disparity)  # 8 x 8 patches
    assert features.shape == (1, 8, 8, 64)
    expected = F.interpolate(features.permute(0, 3, 1, 2), (12, 12), mode='bilinear')
    torch.testing.assert_close(
        found[0, 2], expected[0].permute(1, 2, 0), atol=1e-4, rtol=1e-4
    )


@torch.no_grad()
def test_without_depth_tokens_are_those_of_rgb_alone():
    encoder = build()
    rgb, depth, frame_mask, times = batch()
    with_depth, _ = encoder(rgb, depth, frame_mask, times)
    found, _ = encoder(rgb, torch.zeros_like(depth), frame_mask, times)
    features = encoder.encode_rgb(rgb, frame_mask)
    expected, _ = encoder.merge(features, frame_mask, times)
    assert torch.equal(found, expected)
    assert (with_depth - found).abs().max() > 1e-3
    # One sample with depth does not change another without.
    depth[1] = 0
    mixed, mask = encoder(rgb, depth, frame_mask, times)
    torch.testing.assert_close(mixed[1, mask[1]], found[1, mask[1]])


def test_frozen_encoders_leave_gradients_to_the_rest():
    encoder = build().train()
    assert not encoder.rgb_encoder.training and encoder.aggregator.training
    tokens, mask = encoder(*batch())
    tokens[mask].square().sum().backward()
    trained = {
        name.split('.')[0]
        for name, p in encoder.named_parameters()
        if p.grad is not None
    }
    assert trained == {'aggregator', 'token_merging'}


def test_encoders_can_be_trained():
    encoder = build(frozen_encoders=False).train()
    tokens, mask = encoder(*batch())
    tokens[mask].square().sum().backward()
    assert all(p.grad is not None for p in encoder.parameters())


def test_init_weights_loads_the_checkpoint_of_both_encoders(tmp_path):
    source = build()
    for parameter in source.parameters():
        parameter.data.uniform_(-1, 1)
    state = {**source.rgb_encoder.state_dict(), **source.depth_encoder.state_dict()}
    torch.save(state, tmp_path / 'imagebind.pth')
    config = mini_config()
    for name in ('rgb_encoder', 'depth_encoder'):
        config[name]['checkpoint'] = str(tmp_path / 'imagebind.pth')
    encoder = MODELS.build(config)
    encoder.init_weights()
    loaded = {**encoder.rgb_encoder.state_dict(), **encoder.depth_encoder.state_dict()}
    assert loaded.keys() == state.keys()
    assert all(torch.equal(loaded[key], state[key]) for key in state)


@torch.no_grad()
def test_bfloat16_autocast_runs():
    encoder = build()
    with torch.autocast('cpu', torch.bfloat16):
        tokens, _ = encoder(*batch())
    assert torch.isfinite(tokens.float()).all()
