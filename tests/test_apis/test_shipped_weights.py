"""The weights that come with the code belong to its configs and its records."""

import json

import pytest
import yaml
from mmengine.config import Config

from mmfourdpsg.apis import SceneGraphInferencer
from mmfourdpsg.utils.weight_files import load_metadata

CONFIG = 'configs/4dllm/tabletop/step1.py'
# The same model, from more videos.
TRAINED = 'configs/4dllm/tabletop/step1_600_videos.py'


@pytest.fixture
def config(repository, monkeypatch, tmp_path):
    """The config of what is shipped, where nothing has been trained."""
    monkeypatch.chdir(repository)
    config = Config.fromfile(CONFIG)
    config.work_dir = str(tmp_path)
    return config


def test_the_shipped_checkpoint_fits_its_config_and_foundation_weights(config):
    """A foundation file that changes alone makes it worthless; so does a new layer."""
    inferencer = SceneGraphInferencer(config, device='cpu')
    assert str(inferencer.checkpoint) == config.published_checkpoint


def test_the_shipped_checkpoint_has_the_scores_of_its_metafile(config, repository):
    """Which are those of the results page, see test_metadata.py."""
    metadata = load_metadata(config.published_checkpoint)
    assert metadata['config'] == TRAINED
    scores = json.loads(metadata['scores'])
    models = yaml.safe_load((repository / 'configs/4dllm/metafile.yml').read_text())
    (model,) = (
        row
        for row in models['Models']
        if row.get('Weights') == config.published_checkpoint
    )
    (result,) = model['Results']
    for key in ('R@20', 'mR@20', 'R@50'):
        assert round(scores[key], 1) == result['Metrics'][key]


def test_what_is_shipped_is_small(repository):
    def megabytes(folder):
        root = repository / 'checkpoints' / folder
        sizes = [path.stat().st_size for path in root.rglob('*.safetensors')]
        assert sizes
        return sum(sizes) / 1e6

    assert megabytes('tabletop') <= 25
    assert megabytes('4dllm') <= 15


def test_only_what_it_was_trained_with_takes_the_shipped_checkpoint(repository):
    """What inherits from its config, but is another model or training, may not."""
    folder = repository / 'configs/4dllm/tabletop'
    taking = {
        path.name
        for path in folder.glob('*.py')
        if Config.fromfile(path).get('published_checkpoint')
    }
    # The same model from more or from as many videos, with features kept on disk, and
    # with DeepSpeed; and its weights with a prompt that nothing was trained for.
    same = {'step1_cached.py', *(f'step1_zero{stage}.py' for stage in (1, 2, 3))}
    same |= {'step1_training_free.py', 'step1_600_videos.py'}
    assert taking == {'step1.py', *same}
