import pickle

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmfourdpsg.models.scene_encoders import (
    ImageBindDepthEncoder,
    ImageBindVisionEncoder,
    load_imagebind_checkpoint,
)
from mmfourdpsg.utils import InputError

MINI = dict(embed_dims=32, num_blocks=3, num_heads=4, patch_size=8, image_size=32)


def official_shapes(modality):
    """The keys of imagebind_huge.pth for one modality, listed by hand."""
    dims, blocks, tokens = {'vision': (1280, 32, 257), 'depth': (384, 12, 197)}[
        modality
    ]
    pre, trunk, head = (
        f'modality_{part}.{modality}.' for part in ('preprocessors', 'trunks', 'heads')
    )
    shapes = {
        pre + 'cls_token': (1, 1, dims),
        pre + 'pos_embedding_helper.pos_embed': (1, tokens, dims),
        head + '0.weight': (dims,),
        head + '0.bias': (dims,),
    }
    if modality == 'vision':
        shapes[pre + 'rgbt_stem.proj.1.weight'] = (1280, 3, 2, 14, 14)
        shapes[trunk + 'pre_transformer_layer.0.weight'] = (1280,)
        shapes[trunk + 'pre_transformer_layer.0.bias'] = (1280,)
    else:
        shapes[pre + 'depth_stem.proj.weight'] = (384, 1, 16, 16)
        shapes[pre + 'depth_stem.norm_layer.weight'] = (384,)
        shapes[pre + 'depth_stem.norm_layer.bias'] = (384,)
    for index in range(blocks):
        block = f'{trunk}blocks.{index}.'
        shapes[block + 'attn.in_proj_weight'] = (3 * dims, dims)
        shapes[block + 'attn.in_proj_bias'] = (3 * dims,)
        if modality == 'depth':
            shapes[block + 'attn.bias_k'] = (1, 1, dims)
            shapes[block + 'attn.bias_v'] = (1, 1, dims)
        shapes[block + 'attn.out_proj.weight'] = (dims, dims)
        shapes[block + 'attn.out_proj.bias'] = (dims,)
        shapes[block + 'norm_1.weight'] = (dims,)
        shapes[block + 'norm_1.bias'] = (dims,)
        shapes[block + 'mlp.fc1.weight'] = (4 * dims, dims)
        shapes[block + 'mlp.fc1.bias'] = (4 * dims,)
        shapes[block + 'mlp.fc2.weight'] = (dims, 4 * dims)
        shapes[block + 'mlp.fc2.bias'] = (dims,)
        shapes[block + 'norm_2.weight'] = (dims,)
        shapes[block + 'norm_2.bias'] = (dims,)
    return shapes


def official_file(path):
    """A file with every official key of both modalities, and some others.

    Tensors are one number repeated, so the file is small. Keys do not depend on
    the encoders under test.
    """
    shapes = {
        **official_shapes('vision'),
        **official_shapes('depth'),
        # Not used for patch features.
        'modality_heads.vision.2.weight': (1024, 1280),
        'modality_heads.depth.2.weight': (1024, 384),
        'modality_postprocessors.depth.1.log_logit_scale': (),
        'modality_preprocessors.text.pos_embed': (1, 77, 1024),
        'modality_trunks.audio.blocks.0.attn.bias_k': (1, 1, 768),
    }
    state = {
        key: torch.full((1,), 0.25 + number / 4096).expand(shape or (1,)).view(shape)
        for number, (key, shape) in enumerate(shapes.items())
    }
    torch.save(state, path)
    return state


@pytest.mark.parametrize(
    'modality, encoder',
    [('vision', ImageBindVisionEncoder), ('depth', ImageBindDepthEncoder)],
)
def test_state_dict_is_the_official_one(modality, encoder):
    with torch.device('meta'):
        state = encoder().state_dict()
    found = {key: tuple(value.shape) for key, value in state.items()}
    assert found == official_shapes(modality)


def test_official_file_loads_strictly_into_the_full_depth_encoder(tmp_path):
    state = official_file(tmp_path / 'imagebind_huge.pth')
    encoder = ImageBindDepthEncoder(checkpoint=str(tmp_path / 'imagebind_huge.pth'))
    encoder.init_weights()
    loaded = encoder.state_dict()
    assert len(loaded) == len(official_shapes('depth'))
    for key, value in loaded.items():
        assert torch.equal(value, state[key]), key


@pytest.mark.filterwarnings('ignore')  # copying to meta tensors is announced
def test_official_file_fits_the_full_vision_encoder(tmp_path):
    official_file(tmp_path / 'imagebind_huge.pth')
    with torch.device('meta'):
        encoder = ImageBindVisionEncoder()
    load_imagebind_checkpoint(encoder, 'vision', tmp_path / 'imagebind_huge.pth')


def mini_file(path, change):
    state = ImageBindVisionEncoder(**MINI).state_dict()
    change(state)
    torch.save(state, path)


KEY = 'modality_trunks.vision.blocks.1.norm_1.bias'


@pytest.mark.parametrize(
    'change, words',
    [
        (lambda state: state.pop(KEY), ['missing', KEY, '(32,)']),
        (
            lambda state: state.update({KEY + 'x': torch.zeros(2)}),
            ['not expected', KEY + 'x'],
        ),
        (
            lambda state: state.update({KEY: torch.zeros(7)}),
            [KEY, '(7,)', 'expected (32,)'],
        ),
        (lambda state: state.clear(), ['none of that modality', 'imagebind_huge']),
        (lambda state: state.update({KEY: 'text'}), ['expected a dict of weights']),
    ],
)
def test_other_checkpoints_are_refused_and_nothing_is_loaded(tmp_path, change, words):
    path = tmp_path / 'weights.pth'
    mini_file(path, change)
    encoder = ImageBindVisionEncoder(**MINI, checkpoint=str(path))
    before = {key: value.clone() for key, value in encoder.state_dict().items()}
    with pytest.raises(InputError) as error:
        encoder.init_weights()
    assert '\n' not in str(error.value)
    for word in [str(path), *words]:
        assert word in str(error.value)
    for key, value in encoder.state_dict().items():
        assert torch.equal(value, before[key])


class Harmful:
    def __reduce__(self):
        return (print, ('executed',))


def test_unreadable_files_are_refused(tmp_path, capsys):
    encoder = ImageBindVisionEncoder(**MINI)
    with pytest.raises(InputError, match='does not exist'):
        load_imagebind_checkpoint(encoder, 'vision', tmp_path / 'none.pth')
    torch.save(encoder.state_dict(), tmp_path / 'whole.pth')
    whole = (tmp_path / 'whole.pth').read_bytes()
    (tmp_path / 'cut.pth').write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r'cut\.pth cannot be read'):
        load_imagebind_checkpoint(encoder, 'vision', tmp_path / 'cut.pth')
    (tmp_path / 'harm.pth').write_bytes(pickle.dumps(Harmful(), 2))
    with pytest.raises(InputError, match=r'harm\.pth cannot be read'):
        load_imagebind_checkpoint(encoder, 'vision', tmp_path / 'harm.pth')
    assert 'executed' not in capsys.readouterr().out


def reference(encoder, images, modality):
    """ImageBind's forward with torch's own modules, weights by official key."""
    state = encoder.state_dict()
    pre, trunk, head = (
        f'modality_{part}.{modality}.' for part in ('preprocessors', 'trunks', 'heads')
    )
    dims, heads = encoder.embed_dims, MINI['num_heads']
    if modality == 'vision':
        mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
        std = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
        clip = ((images - mean) / std)[:, :, None].repeat(1, 1, 2, 1, 1)
        stem = nn.Conv3d(3, dims, (2, 8, 8), (2, 8, 8), bias=False)
        stem.weight.data = state[pre + 'rgbt_stem.proj.1.weight']
        tokens = stem(clip)[:, :, 0]
    else:
        stem = nn.Conv2d(1, dims, 8, 8, bias=False)
        stem.weight.data = state[pre + 'depth_stem.proj.weight']
        tokens = stem(images)
    grid = tokens.shape[-2:]
    tokens = tokens.flatten(2).transpose(1, 2)

    def norm(tokens, key, eps):
        weight, bias = state[key + '.weight'], state[key + '.bias']
        return F.layer_norm(tokens, (dims,), weight, bias, eps)

    if modality == 'depth':
        tokens = norm(tokens, pre + 'depth_stem.norm_layer', 1e-5)
    cls_token = state[pre + 'cls_token'].repeat(len(images), 1, 1)
    tokens = torch.cat([cls_token, tokens], dim=1)
    tokens = tokens + state[pre + 'pos_embedding_helper.pos_embed']
    if modality == 'vision':
        tokens = norm(tokens, trunk + 'pre_transformer_layer.0', 1e-6)
    for index in range(MINI['num_blocks']):
        block = f'{trunk}blocks.{index}.'
        attention = nn.MultiheadAttention(dims, heads, add_bias_kv=modality == 'depth')
        attention.load_state_dict(
            {
                key.removeprefix(block + 'attn.'): value
                for key, value in state.items()
                if key.startswith(block + 'attn.')
            }
        )
        x = norm(tokens, block + 'norm_1', 1e-6).transpose(0, 1)  # length first
        tokens = tokens + attention(x, x, x, need_weights=False)[0].transpose(0, 1)
        x = norm(tokens, block + 'norm_2', 1e-6)
        x = x @ state[block + 'mlp.fc1.weight'].T + state[block + 'mlp.fc1.bias']
        x = F.gelu(x) @ state[block + 'mlp.fc2.weight'].T
        tokens = tokens + x + state[block + 'mlp.fc2.bias']
    tokens = norm(tokens, head + '0', 1e-6)[:, 1:]
    return tokens.reshape(len(images), *grid, dims)


def mini_encoder(modality, **kwargs):
    torch.manual_seed(0)
    encoder = {'vision': ImageBindVisionEncoder, 'depth': ImageBindDepthEncoder}[
        modality
    ](**{**MINI, **kwargs})
    # Zero biases and unit norms would hide a mistake in their use.
    for parameter in encoder.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return encoder


@pytest.mark.parametrize('modality, channels', [('vision', 3), ('depth', 1)])
@torch.no_grad()
def test_features_equal_the_reference(modality, channels):
    encoder = mini_encoder(modality).eval()
    images = torch.rand(2, channels, 32, 32)
    features = encoder(images)
    assert features.shape == (2, 4, 4, 32)
    expected = reference(encoder, images, modality)
    torch.testing.assert_close(features, expected, atol=2e-5, rtol=1e-4)


@torch.no_grad()
def test_other_input_sizes_interpolate_the_position_embedding():
    encoder = mini_encoder('depth', input_size=(48, 24)).eval()
    assert encoder.grid_size == (6, 3)
    preprocessor = encoder.modality_preprocessors['depth']
    embedding = preprocessor.pos_embedding_helper['pos_embed']
    assert preprocessor.position_embedding((4, 4)) is embedding
    wider = preprocessor.position_embedding((6, 3))
    assert torch.equal(wider[:, :1], embedding[:, :1])
    grid = embedding[0, 1:].T.reshape(1, 32, 4, 4)
    expected = F.interpolate(grid, (6, 3), mode='bicubic')[0].reshape(32, -1).T
    torch.testing.assert_close(wider[0, 1:], expected)
    assert encoder(torch.rand(1, 1, 48, 24)).shape == (1, 6, 3, 32)


@torch.no_grad()
def test_images_of_any_size_are_resized():
    encoder = mini_encoder('vision').eval()
    image = torch.rand(1, 3, 70, 50)
    resized = F.interpolate(image, (32, 32), mode='bilinear', antialias=True)
    torch.testing.assert_close(encoder(image), encoder(resized), atol=1e-4, rtol=1e-4)


def test_frozen_encoder_stays_in_inference_mode_without_gradients():
    encoder = mini_encoder('vision', frozen=True, drop_path_rate=0.5)
    parent = nn.Sequential(encoder).train()
    assert not any(module.training for module in encoder.modules())
    image = torch.rand(1, 3, 32, 32)
    features = parent(image)
    assert not features.requires_grad
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    assert torch.equal(features, parent(image))


def test_gradient_checkpointing_gives_the_same_gradients():
    gradients = []
    for recompute in (False, True):
        encoder = mini_encoder('depth', gradient_checkpointing=recompute).train()
        torch.manual_seed(1)
        encoder(torch.rand(2, 1, 32, 32)).square().sum().backward()
        gradients.append([parameter.grad for parameter in encoder.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_drop_path_skips_whole_samples_and_keeps_the_expectation():
    encoder = mini_encoder('vision', drop_path_rate=0.5)
    blocks = encoder.modality_trunks['vision'].blocks
    assert [block.drop_path for block in blocks] == [0.0, 0.25, 0.5]
    dropped = blocks[2].train()._drop(torch.ones(4000, 2, 3))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (dropped.amax(dim=(1, 2)) == dropped.amin(dim=(1, 2))).all()
    assert abs(dropped.mean() - 1) < 0.1


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match='multiples of patch_size'):
        ImageBindVisionEncoder(**MINI, input_size=30)
    with pytest.raises(ValueError, match='multiple of num_heads'):
        ImageBindDepthEncoder(**{**MINI, 'num_heads': 5})
