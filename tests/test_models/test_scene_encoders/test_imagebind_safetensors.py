import pytest
import torch
from safetensors.torch import save_file

from mmfourdpsg.models.scene_encoders import (
    ImageBindDepthEncoder,
    ImageBindVisionEncoder,
    load_imagebind_checkpoint,
)
from mmfourdpsg.models.scene_encoders.imagebind import export_imagebind_weights
from mmfourdpsg.utils import InputError

MINI = dict(embed_dims=16, num_blocks=2, num_heads=2, patch_size=8, image_size=32)
KEY = 'modality_trunks.vision.blocks.1.norm_1.bias'


def encoders(seed):
    torch.manual_seed(seed)
    pair = ImageBindVisionEncoder(**MINI), ImageBindDepthEncoder(**MINI)
    for encoder in pair:
        for parameter in encoder.parameters():
            parameter.data += torch.randn_like(parameter)
    return pair


@pytest.mark.parametrize('suffix', ['.safetensors', '.pth'])
@pytest.mark.parametrize(
    'dtype', [torch.float32, torch.float16, torch.bfloat16, torch.float64]
)
def test_exported_weights_load_into_either_encoder(tmp_path, suffix, dtype):
    source, target = encoders(0), encoders(1)
    weights = export_imagebind_weights(*source)
    path = tmp_path / f'mini{suffix}'
    stored = {key: value.to(dtype) for key, value in weights.items()}
    save = save_file if suffix == '.safetensors' else torch.save
    save(stored, path)
    count = 0
    for encoder, original in zip(target, source, strict=True):
        encoder.checkpoint = str(path)
        encoder.init_weights()
        for key, value in encoder.state_dict().items():
            assert value.dtype == torch.float32
            assert torch.equal(value, original.state_dict()[key].to(dtype).float())
            count += 1
    assert count == len(weights)


def test_exported_weights_are_copies():
    rgb, depth = encoders(0)
    weights = export_imagebind_weights(rgb, depth)
    before = weights[KEY].clone()
    rgb.state_dict()[KEY].add_(1)
    assert torch.equal(weights[KEY], before)
    assert not any(value.requires_grad for value in weights.values())


def test_encoders_in_the_wrong_order_are_refused():
    rgb, depth = encoders(0)
    with pytest.raises(ValueError, match='modalities'):
        export_imagebind_weights(depth, rgb)


@pytest.mark.parametrize(
    'change, words',
    [
        (lambda state: state.pop(KEY), ['missing', KEY, '(16,)']),
        (lambda state: state.update({KEY + 'x': torch.zeros(2)}), ['not expected']),
        (lambda state: state.update({KEY: torch.zeros(7)}), ['(7,)', '(16,)']),
        (
            lambda state: state.update({KEY: torch.zeros(16, dtype=torch.int8)}),
            [KEY, 'torch.int8', 'floating-point'],
        ),
        (lambda state: state.clear(), ['none of that modality']),
    ],
)
def test_other_files_are_refused_and_nothing_is_loaded(tmp_path, change, words):
    rgb, depth = encoders(0)
    state = export_imagebind_weights(rgb, depth)
    change(state)
    path = tmp_path / 'weights.safetensors'
    save_file(state, path)
    (target, _) = encoders(1)
    before = {key: value.clone() for key, value in target.state_dict().items()}
    with pytest.raises(InputError) as error:
        load_imagebind_checkpoint(target, 'vision', path)
    assert '\n' not in str(error.value)
    for word in [str(path), *words]:
        assert word in str(error.value)
    for key, value in target.state_dict().items():
        assert torch.equal(value, before[key])


def test_unreadable_files_are_refused(tmp_path):
    rgb, depth = encoders(0)
    whole = tmp_path / 'whole.safetensors'
    save_file(export_imagebind_weights(rgb, depth), whole)
    content = whole.read_bytes()
    for number, size in enumerate((0, 5, 100, len(content) // 2, len(content) - 1)):
        path = tmp_path / f'cut_{number}.safetensors'
        path.write_bytes(content[:size])
        with pytest.raises(InputError, match=rf'cut_{number}.*cannot be read') as error:
            load_imagebind_checkpoint(rgb, 'vision', path)
        assert '\n' not in str(error.value)
    path = tmp_path / 'torch.safetensors'
    torch.save(rgb.state_dict(), path)
    with pytest.raises(InputError, match='cannot be read'):
        load_imagebind_checkpoint(rgb, 'vision', path)
    with pytest.raises(InputError, match='does not exist'):
        load_imagebind_checkpoint(rgb, 'vision', tmp_path / 'none.safetensors')
