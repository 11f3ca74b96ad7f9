"""LoRA as part of the weights, for a time."""

import json

import pytest
import torch

from mmfourdpsg.models.language_models import CausalLanguageModel

LORA = dict(r=4, lora_alpha=8, target_modules=['q_proj', 'v_proj', 'down_proj'])


@pytest.fixture(scope='module')
def make_model(repository, tmp_path_factory):
    source = repository / 'checkpoints/tabletop/tiny_llama'
    path = tmp_path_factory.mktemp('llama')
    for file in source.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    sizes = json.loads((path / 'config.json').read_text())
    sizes.update(hidden_size=32, intermediate_size=48, num_hidden_layers=2)
    sizes.update(num_attention_heads=4, num_key_value_heads=4, head_dim=8)
    (path / 'config.json').write_text(json.dumps(sizes))

    def make(lora=LORA, dtype='float64'):
        torch.manual_seed(0)
        model = CausalLanguageModel(
            str(path), pretrained=False, dtype=dtype, lora=lora
        ).eval()
        if dtype == 'float64':
            model.double()
        for name, parameter in model.named_parameters():
            if 'lora_B' in name:
                torch.nn.init.normal_(parameter, std=0.5)
        return model

    return make


def run(model):
    ids = torch.tensor([[5, 7, 9, 11]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    with torch.no_grad():
        return model(model.embed_tokens(ids), mask, 4)[1]


def snapshot(model):
    return {
        name: (parameter.data_ptr(), parameter.detach().clone())
        for name, parameter in model.named_parameters()
    }


def assert_untouched(model, before):
    for name, parameter in model.named_parameters():
        pointer, value = before[name]
        assert parameter.data_ptr() == pointer, name
        assert torch.equal(parameter, value), name


def test_merged_adapters_say_the_same(make_model):
    model = make_model()
    before, apart = snapshot(model), run(model)
    with model.decoding():
        weight = model.model.model.layers[0].self_attn.q_proj.base_layer.weight
        name = 'model.model.layers.0.self_attn.q_proj.base_layer.weight'
        assert not torch.equal(weight, before[name][1])
        torch.testing.assert_close(run(model), apart, rtol=1e-10, atol=1e-12)
    assert_untouched(model, before)
    assert torch.equal(run(model), apart)


@pytest.mark.parametrize('dtype', ['float64', 'bfloat16'])
def test_weights_come_back_bit_for_bit_even_after_a_failure(make_model, dtype):
    model = make_model(dtype=dtype)
    before, apart = snapshot(model), run(model)
    with pytest.raises(KeyError, match='stop'), model.decoding():
        assert (run(model) - apart).abs().max() < 0.5
        raise KeyError('stop')
    assert_untouched(model, before)
    assert torch.equal(run(model), apart)
    # And training goes on as ever.
    model.train()
    ids = torch.tensor([[5, 7, 9]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    model(model.embed_tokens(ids), mask, 3)[1].float().square().mean().backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    assert any('lora_A' in name for name in gradients)


def test_merging_can_be_left_out_and_nested(make_model):
    model = make_model()
    before = snapshot(model)
    with model.decoding(merge=False):
        assert_untouched(model, before)
    with model.decoding():
        merged = snapshot(model)
        with model.decoding():
            assert_untouched(model, merged)
        assert_untouched(model, merged)
    assert_untouched(model, before)


def test_models_without_adapters_stay_as_they_are(make_model):
    model = make_model(lora=None)
    before = snapshot(model)
    with model.decoding():
        assert_untouched(model, before)
    assert_untouched(model, before)
