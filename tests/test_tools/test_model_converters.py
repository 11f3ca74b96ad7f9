"""Weights are published with what is known of them."""

import json
import shutil

import pytest
import torch
from in_process import in_process_runner
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.models.scene_encoders.imagebind.checkpoint import (
    load_imagebind_checkpoint,
)
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.weight_files import load_metadata, load_weights

CONFIG = 'configs/foundation/tabletop/imagebind_mini.py'
PUBLISH = 'tools/model_converters/publish_foundation.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def save(model, config, path):
    """Write what a run of a config leaves behind."""
    meta = dict(epoch=config.train_cfg.max_epochs)
    torch.save(dict(state_dict=model.state_dict(), meta=meta), path)


@pytest.fixture(scope='module')
def run_dir(repository, tmp_path_factory):
    """Make the work dir of a run that ended with random weights."""
    folder = tmp_path_factory.mktemp('run')
    init_default_scope('mmdet')
    torch.manual_seed(0)
    config = Config.fromfile(repository / CONFIG)
    model = MODELS.build(config.model)
    save(model, config, folder / 'epoch_2.pth')
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))
    log = folder / '20260101_000000/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    rows = [{'loss': 3.0, 'step': 1}, {'features/name': 12.34567, 'step': 2}]
    log.write_text('\n'.join(map(json.dumps, rows)))
    return folder


def test_weights_are_published_and_described_in_a_card(
    run_dir, repository, run_tool, tmp_path
):
    out = tmp_path / 'weights/imagebind.safetensors'
    result = run_tool(PUBLISH, CONFIG, run_dir, '--out', out)
    assert result.returncode == 0, result.stderr[-3000:]
    metadata = load_metadata(out)
    assert json.loads(metadata['scores']) == {'features/name': 12.3457}
    assert metadata['config'] == CONFIG
    trained = torch.load(run_dir / 'epoch_2.pth', weights_only=True)['state_dict']
    config = Config.fromfile(repository / CONFIG).model.rgb_encoder
    encoder = MODELS.build(config)
    load_imagebind_checkpoint(encoder, 'vision', out)
    for key, value in encoder.state_dict().items():
        expected = trained[f'encoder.rgb_encoder.{key}'].half().float()
        assert torch.equal(value, expected), key

    result = run_tool('tools/model_converters/make_model_card.py', out.parent)
    assert result.returncode == 0, result.stderr[-3000:]
    card = (out.parent / 'README.md').read_text()
    (line,) = [row for row in card.splitlines() if row.startswith('| `imagebind')]
    assert 'name 12.35' in line
    assert f'{out.stat().st_size / 1e6:.1f} MB' in line


def test_what_learned_together_is_published_together(
    run_dir, repository, run_tool, tmp_path
):
    config = tmp_path / 'grounding.py'
    llama = repository / 'checkpoints/tabletop/tiny_llama_pretrained'
    config.write_text(
        f"_base_ = ['{repository / 'configs/foundation/tabletop/grounding.py'}']\n"
        'model = dict(scene_graph_head=dict(language_model=dict('
        f"name_or_path='{llama}')))\n"
    )
    init_default_scope('mmdet')
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(config).model)
    folder = tmp_path / 'run'
    shutil.copytree(run_dir, folder)
    save(model, Config.fromfile(config), folder / 'epoch_4.pth')
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_4.pth'))
    out, sam2 = tmp_path / 'llama', tmp_path / 'sam2.safetensors'
    result = run_tool(PUBLISH, config, folder, '--out', out, '--sam2', sam2)
    assert result.returncode == 0, result.stderr[-3000:]
    decoder = MODELS.build(
        dict(model_config(repository), prompt_channels=8, checkpoint=str(sam2))
    )
    decoder.init_weights()
    for key, value in model.sam2_weights().items():
        assert torch.equal(decoder.sam2.state_dict()[key], value.half().float()), key
    weights = load_weights(out / 'alignment.safetensors')
    expected = model.scene_description.place_embedding.projection.weight
    found = weights['description.place_embedding.projection.weight']
    assert torch.equal(found, expected.half().float())
    assert (out / 'model.safetensors').exists()


def model_config(repository):
    """Return the config of the mini SAM2."""
    path = repository / 'configs/_base_/models/tube_decoders/sam2_mini.py'
    return Config.fromfile(path).sam2_mini.to_dict()


def test_runs_that_are_not_finished_are_refused(run_dir, fails, tmp_path):
    out = tmp_path / 'w.safetensors'
    fails(PUBLISH, CONFIG, tmp_path, '--out', out, says=['last_checkpoint'])
    (tmp_path / 'last_checkpoint').write_text(str(run_dir / 'epoch_2.pth'))
    fails(PUBLISH, CONFIG, tmp_path, '--out', out, says=['no log of a validation'])
    shutil.copytree(run_dir, tmp_path / 'run')
    state = torch.load(run_dir / 'epoch_2.pth', weights_only=True)['state_dict']
    early = tmp_path / 'run/epoch_1.pth'
    torch.save(dict(state_dict=state, meta=dict(epoch=1)), early)
    (tmp_path / 'run/last_checkpoint').write_text(str(early))
    fails(PUBLISH, CONFIG, tmp_path / 'run', '--out', out, says=['is of epoch 1'])
    assert not out.exists()


def test_what_does_not_fit_is_refused_and_nothing_written(
    run_dir, repository, fails, tmp_path
):
    out, sam2 = tmp_path / 'out/w.safetensors', tmp_path / 'sam2.safetensors'
    fails(PUBLISH, CONFIG, run_dir, '--out', out, '--sam2', sam2, says=['--sam2'])
    other = tmp_path / 'other.py'
    other.write_text(
        f"_base_ = ['{repository / CONFIG}']\n"
        'model = dict(rgb_encoder=dict(embed_dims=96))\n'
    )
    fails(PUBLISH, other, run_dir, '--out', out, says=['another model'])
    assert not out.parent.exists()
    assert not sam2.exists()
    (tmp_path / 'folder').mkdir()
    folder = tmp_path / 'folder'
    fails(PUBLISH, CONFIG, run_dir, '--out', folder, says=['is a folder'])
    assert not list(folder.iterdir())


def test_a_folder_without_weights_is_refused(fails, tmp_path):
    fails('tools/model_converters/make_model_card.py', tmp_path, says=['no weights'])


def test_a_trained_model_is_published(repository, run_tool, fails, tmp_path):
    init_default_scope('mmdet')
    config = 'configs/4dllm/tabletop/step1.py'
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(repository / config).model)
    checkpoint, metrics = tmp_path / 'epoch_6.pth', tmp_path / 'metrics.json'
    state = model.state_dict()
    torch.save(dict(state_dict=state, optimizer=dict(a=torch.ones(9))), checkpoint)
    metrics.write_text(json.dumps({'R@20': 12.5, 'info': {}}))
    out = tmp_path / 'model.safetensors'
    tool = 'tools/model_converters/publish_checkpoint.py', config, checkpoint
    result = run_tool(*tool, '--metrics', metrics, '--out', out)
    assert result.returncode == 0, result.stderr[-3000:]
    assert json.loads(load_metadata(out)['scores']) == {'R@20': 12.5}
    loaded = load_checkpoint_file(out)['state_dict']
    check_state_dict(loaded, model, out)
    for key, value in loaded.items():
        expected = state[key]
        if expected.is_floating_point():
            expected = expected.half().float()
        assert torch.equal(value, expected), key
    # What does not train is not there.
    assert not any(key.startswith('scene_encoder.rgb_encoder') for key in loaded)
    out.unlink()
    del state['tube_decoder.prompt_projector.bias']
    torch.save(dict(state_dict=state), checkpoint)
    fails(*tool, '--out', out, says=['epoch_6.pth', '1 weights are missing'])
    fails(*tool, '--out', tmp_path / 'x.pth', says=['x.pth', '.safetensors'])
    assert not out.exists()
