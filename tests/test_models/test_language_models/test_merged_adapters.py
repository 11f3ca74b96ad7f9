"""LoRA as part of the weights, for a time."""

import json

import pytest
import torch

from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.models.language_models.conversation_cache import check_cacheable
from mmfourdpsg.utils import InputError

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


def test_adapters_of_few_bits_stay_beside_the_weights(make_model):
    """Their sum would lose most of a small adapter."""
    model = make_model(dtype='bfloat16')
    before, apart = snapshot(model), run(model)
    with model.decoding():
        assert_untouched(model, before)
        assert torch.equal(run(model), apart)


@pytest.mark.filterwarnings('ignore:Model has .tie_word_embeddings')
@pytest.mark.parametrize('targets', [['lm_head'], ['lm_head', 'embed_tokens']])
def test_adapters_of_shared_weights_stay_beside_them(make_model, targets):
    model = make_model(dict(LORA, target_modules=[*targets, 'q_proj']))
    before, apart = snapshot(model), run(model)
    with model.decoding():
        torch.testing.assert_close(run(model), apart, rtol=1e-9, atol=1e-11)
    assert_untouched(model, before)
    assert torch.equal(run(model), apart)


def test_nothing_is_as_in_training_while_decoding(make_model):
    model = make_model(dict(LORA, lora_dropout=0.5)).train()
    frozen = model.model.model.norm.eval()
    with model.decoding():
        assert not any(module.training for module in model.modules())
        assert torch.equal(run(model), run(model))
    assert model.training and model.model.model.layers[0].training
    assert not frozen.training


@pytest.mark.parametrize(
    ('settings', 'reason'),
    [
        (dict(sliding_window=8), 'attends to the last 8 tokens alone'),
        (dict(layer_types=['linear_attention']), 'has layers of linear_attention'),
        (dict(alibi=True), 'finds positions by itself'),
    ],
)
def test_what_a_cache_cannot_hold_is_refused(make_model, settings, reason):
    model = make_model(None)
    check_cacheable(model)
    for key, value in settings.items():
        setattr(model.model.config, key, value)
    with pytest.raises(InputError, match=reason):
        check_cacheable(model)
