import functools
from pathlib import Path

import pytest
import sam2
import torch
from mmengine.config import Config

from mmfourdpsg.models.tube_decoders import build_sam2, load_sam2_checkpoint
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError


@pytest.fixture
def on_meta(monkeypatch):
    """Make modules without memory; sam2 reads numbers from linspace as it builds."""
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    linspace = functools.partial(torch.linspace, device='cpu')
    monkeypatch.setattr(torch, 'linspace', linspace)
    with torch.device('meta'):
        yield


def shapes(module):
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def test_full_size_weights_are_those_of_the_official_configuration(on_meta, repository):
    hydra_utils = pytest.importorskip('hydra.utils')
    omegaconf = pytest.importorskip('omegaconf')
    path = Path(sam2.__file__).parent / 'configs/sam2.1/sam2.1_hiera_l.yaml'
    official = hydra_utils.instantiate(omegaconf.OmegaConf.load(path).model)
    config = repository / 'configs/_base_/models/tube_decoders/sam2_hiera_large.py'
    ours = build_sam2(**Config.fromfile(config).sam2_hiera_large.sam2)
    assert shapes(ours) == shapes(official)
    assert shapes(build_sam2()) == shapes(official)
    # The parts that have no weights but change the result.
    kept = vars(official).keys() - {'training', '_parameters', '_modules', '_buffers'}
    differing = {
        name
        for name in kept
        if isinstance(vars(official)[name], bool | int | float | str)
        and vars(official)[name] != vars(ours)[name]
    }
    assert differing == {
        'multimask_output_in_sam',
        'multimask_output_for_tracking',
        'use_multimask_token_for_obj_ptr',
        'multimask_min_pt_num',
        'use_mask_input_as_output_without_sam',
    }


def test_full_size_trains_the_mask_decoder_and_the_projector(on_meta, repository):
    config = Config.fromfile(repository / 'configs/_base_/models/four_d_llm.py').model
    decoder = MODELS.build(dict(config.tube_decoder, prompt_channels=8))
    training = {
        '.'.join(name.split('.')[:-1][:2])
        for name, weight in decoder.named_parameters()
        if weight.requires_grad
    }
    assert training == {'sam2.sam_mask_decoder', 'prompt_projector'}


def test_image_size_must_fit_the_strides():
    with pytest.raises(ValueError, match='multiple of 32'):
        build_sam2(image_size=100)


def test_saved_weights_are_loaded_unchanged(build, tmp_path):
    source, target = build().sam2, build()
    with torch.no_grad():
        for weight in source.parameters():
            weight.add_(1.0)
    path = tmp_path / 'sam2.pt'
    torch.save(dict(model=source.state_dict()), path)
    target.checkpoint = str(path)
    target.init_weights()
    for name, value in target.sam2.state_dict().items():
        assert torch.equal(value, source.state_dict()[name]), name


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda state: state.pop('no_obj_ptr'), 'missing, such as no_obj_ptr'),
        (lambda state: state.update(x=torch.ones(1)), 'not expected, such as x'),
        (lambda state: state.update(no_obj_ptr=torch.ones(1, 3)), r'shape \(1, 3\)'),
    ],
)
def test_a_checkpoint_of_another_model_is_refused(build, tmp_path, damage, message):
    model = build().sam2
    state = dict(model.state_dict())
    damage(state)
    path = tmp_path / 'other.pt'
    torch.save(dict(model=state), path)
    with pytest.raises(InputError, match=message) as error:
        load_sam2_checkpoint(model, path)
    assert str(path) in str(error.value)


def test_a_file_that_is_no_checkpoint_is_refused(build, tmp_path):
    model = build().sam2
    with pytest.raises(InputError, match='does not exist'):
        load_sam2_checkpoint(model, tmp_path / 'none.pt')
    path = tmp_path / 'text.pt'
    path.write_text('no weights')
    with pytest.raises(InputError, match='cannot be read'):
        load_sam2_checkpoint(model, path)
    torch.save(model.state_dict(), path)
    with pytest.raises(InputError, match="under the key 'model'"):
        load_sam2_checkpoint(model, path)
