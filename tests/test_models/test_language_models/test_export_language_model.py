"""A model that is exported and read again is the same model."""

import json
import shutil

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

from mmfourdpsg.models.language_models import (
    CausalLanguageModel,
    export_language_model,
)
from mmfourdpsg.utils.weight_files import load_metadata

TEXT = '<scene> cube 1 [Obj] on table 1 [Obj] 0.20 0.80;'


@pytest.fixture
def build(repository, tmp_path):
    def build(tied=False, extra_rows=0, lora=None):
        path = tmp_path / 'source'
        shutil.copytree(repository / 'checkpoints/tabletop/tiny_llama', path)
        config = LlamaConfig(
            vocab_size=len(AutoTokenizer.from_pretrained(path)) + extra_rows,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=256,
            tie_word_embeddings=tied,
            bos_token_id=0,
            eos_token_id=1,
        )
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(config).save_pretrained(path)
        model = CausalLanguageModel(str(path), lora=lora)
        # Rows of their own for the new tokens, as after training.
        with torch.no_grad():
            for rows in {
                model.model.get_input_embeddings().rows,
                model.model.get_output_embeddings().rows,
            }:
                rows.normal_()
        return model.eval()

    return build


@torch.no_grad()
def run(model):
    ids = torch.tensor([model.encode_answer(TEXT)])
    mask = torch.ones_like(ids, dtype=torch.bool)
    _, logits = model(model.embed_tokens(ids), mask, ids.shape[1])
    return ids, logits


@pytest.mark.parametrize('tied', [False, True])
@pytest.mark.parametrize('extra_rows', [0, 7])
def test_what_is_exported_is_read_again(build, tmp_path, tied, extra_rows):
    model = build(tied, extra_rows)
    export_language_model(model, tmp_path / 'out', torch.float32, dict(date='today'))
    again = CausalLanguageModel(str(tmp_path / 'out')).eval()
    ids, logits = run(model)
    new_ids, new_logits = run(again)
    assert torch.equal(ids, new_ids)
    assert model.object_token_id == again.object_token_id
    known = len(model.tokenizer)
    assert torch.allclose(logits[..., :known], new_logits[..., :known], atol=1e-5)
    embedding, head = (
        again.model.get_input_embeddings(),
        again.model.get_output_embeddings(),
    )
    assert (embedding.rows is head.rows) == tied
    assert torch.equal(embedding.rows, model.model.get_input_embeddings().rows)
    assert torch.equal(head.rows, model.model.get_output_embeddings().rows)
    assert load_metadata(tmp_path / 'out/model.safetensors')['date'] == 'today'
    # And by transformers itself, which knows the new tokens as ordinary ones.
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / 'out').eval()
    assert torch.allclose(
        plain(ids).logits[..., :known], logits[..., :known], atol=1e-5
    )


def test_half_precision_is_read_as_single(build, tmp_path):
    model = build()
    export_language_model(model, tmp_path / 'out')
    again = CausalLanguageModel(str(tmp_path / 'out')).eval()
    assert {weight.dtype for weight in again.parameters()} == {torch.float32}
    logits, new_logits = run(model)[1], run(again)[1]
    assert not torch.equal(logits, new_logits)
    assert torch.allclose(logits, new_logits, atol=0.02)
    config = json.loads((tmp_path / 'out/config.json').read_text())
    assert config['vocab_size'] == len(model.tokenizer)


def test_nothing_tells_where_the_model_was(build, tmp_path):
    model = build()
    # As a model from a GGUF file has it, although its weights are expanded.
    model.model.config.quantization_config = dict(quant_method='gguf')
    export_language_model(model, tmp_path / 'out')
    config = json.loads((tmp_path / 'out/config.json').read_text())
    assert 'quantization_config' not in config
    for path in (tmp_path / 'out').glob('*.json'):
        assert str(tmp_path) not in path.read_text()


def test_adapters_are_refused(build, tmp_path):
    model = build(lora=dict(r=2, target_modules=['q_proj']))
    with pytest.raises(ValueError, match='LoRA'):
        export_language_model(model, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()
