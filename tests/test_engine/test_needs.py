"""What a run needs and lacks is told all at once, before anything is built."""

import json
import shutil
import socket

import pytest
import torch
from in_process import in_process_runner
from mmengine.config import Config

from mmfourdpsg.datasets import PSG4DGTADataset, SceneGraphFileDataset
from mmfourdpsg.engine.needs import missing_needs
from mmfourdpsg.engine.needs.simulated_twin import simulated_twin
from mmfourdpsg.models.language_models.model_source import missing_language_model
from mmfourdpsg.registry import MODELS

FULL = """
_base_ = ['{configs}/4dllm/step4_vg_psg.py']
load_from = 'none/step3_psg4d-gta/epoch_100.pth'
encoder = dict(checkpoint='none/imagebind_huge.pth')
model = dict(
    scene_encoder=dict(rgb_encoder=encoder, depth_encoder=encoder),
    scene_graph_head=dict(language_model=dict(name_or_path='nobody/nothing')),
    tube_decoder=dict(checkpoint='none/sam2.1_hiera_large.pt'),
)
vg, psg = _base_.train_dataloader.dataset.datasets
vg.dataset.data_root = 'none/vg'
psg.dataset.data_root = 'none'
val_dataloader = dict(dataset=dict(data_root='none'))
test_dataloader = val_dataloader
train_dataloader = dict(dataset=dict(datasets=[vg, psg]))
"""


@pytest.fixture
def run_tool(repository, monkeypatch, capsys, tmp_path):
    """Runs a tool where no model can be built and no network reached."""

    def refuse(*args, **kwargs):
        raise AssertionError('something was built, or the network asked')

    monkeypatch.setattr(MODELS, 'build', refuse)
    monkeypatch.setattr(socket.socket, 'connect', refuse)
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path))
    monkeypatch.delenv('HF_HUB_OFFLINE', raising=False)
    return in_process_runner(repository, monkeypatch, capsys)


@pytest.fixture
def full(repository, tmp_path):
    """The config of step 4 at the paper's sizes, with nothing that it needs."""
    path = tmp_path / 'step4_full.py'
    path.write_text(FULL.format(configs=repository / 'configs'))
    return path


@pytest.mark.parametrize('tool', ['train.py', 'test.py', 'infer.py'])
def test_all_that_is_missing_is_told_at_once(run_tool, full, tmp_path, tool):
    out = tmp_path / 'out'
    arguments = {
        'train.py': [full, '--work-dir', out],
        'test.py': [full, 'none/my.pth', '--work-dir', out],
        'infer.py': ['--config', full, '--rgb', tmp_path, '--out', out],
    }
    result = run_tool(f'tools/{tool}', *arguments[tool])
    assert result.returncode == 2
    *lines, last = result.stderr.strip().splitlines()
    count = dict(zip(arguments, (6, 5, 4), strict=True))[tool]
    assert lines[0] == f'{full} needs {count} things that are not here:'
    assert last.startswith(f'error: {full}: {count} things are missing: ')
    assert len(last) <= 600 and not any(line.startswith('error:') for line in lines)
    told = '\n'.join(lines)
    for need in (
        'language model nobody/nothing: neither a folder nor in the local cache',
        'hf download nobody/nothing',
        'none/imagebind_huge.pth: no such file',
        'https://dl.fbaipublicfiles.com/imagebind/imagebind_huge.pth',
        'none/sam2.1_hiera_large.pt: no such file',
    ):
        assert told.count(need) >= 1, need
    vg = 'none/vg: VisualGenomeDataset finds no image_data.json, objects.json, relat'
    psg = 'none: PSGDataset finds no psg/psg.json, coco/*2017, coco/annotations/panop'
    assert (vg in told) == (tool == 'train.py')
    assert (psg in told) == (tool != 'infer.py')
    checkpoint = {
        'train.py': 'none/step3_psg4d-gta/epoch_100.pth: no such checkpoint',
        'test.py': 'none/my.pth: no such checkpoint',
        'infer.py': 'work_dirs/step4_full: has no checkpoint',
    }
    assert checkpoint[tool] in told
    assert 'The same, on simulated data: python tools/' in told
    assert 'configs/4dllm/tabletop/step4.py' in told
    if tool == 'train.py':
        # What step 4 begins with has to be trained before.
        assert 'first: python tools/train.py configs/4dllm/tabletop/step3.py' in told
        # Whether the world has to be made first, depends on where the tests run.
        assert 'Step 1, which follows no other, on simulated data: python' in told
    assert not out.exists()


def test_one_thing_is_told_in_one_line(run_tool, repository, tmp_path):
    path = 'configs/4dllm/tabletop/step1.py'
    options = [f'{part}_dataloader.dataset.data_root=data/tabletop_none/psg4d_gta'
               for part in ('train', 'val')]  # fmt: skip
    work = ['--work-dir', tmp_path / 'out']
    result = run_tool('tools/train.py', path, *work, '--cfg-options', *options)
    assert result.returncode == 2
    assert result.stderr == (
        'error: data/tabletop_none/psg4d_gta: PSG4DGTADataset finds no sailvos3d.json, '
        'images, depth, rage_matrices, masks (tools/make_tabletop.py, by the commands '
        'in docs/training.md)\n'
    )


@pytest.mark.parametrize(
    'config, twin',
    [
        ('4dllm/step1_psg4d-gta', 'step1'),
        ('4dllm/step1_psg4d-gta_zero1', 'step1_zero1'),
        ('4dllm/step2c_psg4d_hoi', 'step2c'),
        ('4dllm/ablations/step4_vg_psg_wo_step3', 'step4_wo_step3'),
        ('4dllm/ablations/step3_psg4d-gta_zero_shot', 'step3'),
        ('4dllm/own_data', 'step1'),
        ('psg4dformer/segmentation_psg4d-hoi_wo_d', 'segmentation_wo_d'),
        ('psg4dformer/relation_psg4d-gta_wo_t', 'relation_wo_t'),
        ('psg4dformer/one_stage_transfer_vg_psg_hoi', 'one_stage_transfer_vg_psg'),
        ('psg4dformer/one_stage_transfer_psg4d-gta', 'one_stage_transfer'),
    ],
)
def test_the_twin_does_the_same_step_on_simulated_data(repository, config, twin):
    root = repository / 'configs'
    folder = root / config.partition('/')[0]
    assert simulated_twin(root / f'{config}.py') == folder / f'tabletop/{twin}.py'
    assert simulated_twin(folder / f'tabletop/{twin}.py') is None


def test_a_data_root_is_told_by_what_it_lacks(tiny_world, tmp_path):
    root = tmp_path / 'gta'
    shutil.copytree(tiny_world, root)
    pipeline = [
        dict(type='LoadRGBFrames'), dict(type='LoadDepthFrames', missing='unknown'),
        dict(type='LoadPanopticMasks'),
    ]  # fmt: skip
    row = dict(type='PSG4DGTADataset', data_root=str(root), pipeline=pipeline)
    assert PSG4DGTADataset.missing_paths(row) == []
    for name in ('masks', 'depth', 'sailvos3d.json'):
        (root / name).rename(tmp_path / name)
    # Depth may be unknown where the rest is there.
    assert PSG4DGTADataset.missing_paths(row) == ['sailvos3d.json', 'masks']
    row['pipeline'] = [dict(type='LoadDepthFrames')]
    assert PSG4DGTADataset.missing_paths(row) == ['sailvos3d.json', 'depth']
    # What one transform has others do.
    row['pipeline'] = [dict(type='OpenRGBDFrames', transforms=row['pipeline'])]
    assert PSG4DGTADataset.missing_paths(row) == ['sailvos3d.json', 'depth']
    row.update(ann_file='my.json', data_prefix=dict(depth='images'))
    assert PSG4DGTADataset.missing_paths(row) == ['my.json']
    # Videos of one's own need neither depth nor masks.
    row = dict(data_root=str(root), pipeline=pipeline)
    assert SceneGraphFileDataset.missing_paths(row) == ['scene_graphs.json', 'rgb']


def test_what_a_checkpoint_holds_needs_no_other_file(tmp_path):
    files = dict(depth_estimator='none/de.pth')
    model = dict(
        type='FourDLLM', save_frozen=False,
        tube_decoder=dict(checkpoint='none/sam2.pt'),
        scene_transcender=dict(checkpoints=files),
    )  # fmt: skip
    config = Config(dict(model=model))
    checkpoint = tmp_path / 'epoch_1.pth'
    state = {'scene_transcender.a': torch.ones(1), 'tube_decoder.b': torch.ones(1)}
    torch.save(dict(state_dict=state), checkpoint)

    def names(checkpoint):
        return [need.name for need in missing_needs(config, (), checkpoint)]

    assert names(None) == ['none/sam2.pt', 'none/de.pth']
    # Of a tube decoder it lacks what is frozen.
    assert names(str(checkpoint)) == ['none/sam2.pt']
    config.model.save_frozen = True
    assert names(str(checkpoint)) == []


def test_a_language_model_in_the_cache_is_whole_or_missing(tmp_path, monkeypatch):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path))
    model = tmp_path / 'models--owner--name'
    folder = model / 'snapshots/abc'
    folder.mkdir(parents=True)
    (model / 'refs').mkdir()
    (model / 'refs/main').write_text('abc')
    assert 'hf download owner/name' in missing_language_model('owner/name')[1]
    (folder / 'config.json').write_text('{}')
    assert missing_language_model('owner/name', pretrained=False) is None
    assert missing_language_model('owner/name')
    weights = dict(a='model-1.safetensors', b='model-2.safetensors')
    index = folder / 'model.safetensors.index.json'
    index.write_text(json.dumps(dict(weight_map=weights)))
    (folder / 'model-1.safetensors').touch()
    assert missing_language_model('owner/name')
    (folder / 'model-2.safetensors').touch()
    assert missing_language_model('owner/name') is None
    problem, source = missing_language_model('package:no_such_package')
    assert 'not installed' in problem and 'no-such-package' in source
    assert missing_language_model('./none')[0].startswith('no such folder')


def test_optional_packages_and_files_of_metrics_are_needs(monkeypatch):
    package_needs = 'mmfourdpsg.engine.needs.package_needs'
    monkeypatch.setattr(f'{package_needs}.find_spec', lambda _: None)
    config = Config(
        dict(
            strategy=dict(type='SceneGraphDeepSpeedStrategy'),
            test_dataloader=dict(
                dataset=dict(type='VisualGenomeSGGDataset', data_root='none')
            ),
            test_evaluator=[
                dict(type='GroupRecallMetric', train='none/gt.json', outfile='o.json')
            ],
            model=dict(
                type='SGPN', object_source=dict(type='FileObjects', path='none/o.json')
            ),
        )
    )
    needs = {need.name: need for need in missing_needs(config, ('test',))}
    assert sorted(needs) == ['deepspeed', 'h5py', 'none', 'none/gt.json', 'none/o.json']
    assert 'mmfourdpsg[deepspeed]' in needs['deepspeed'].source
    monkeypatch.setattr(f'{package_needs}.has_compiled_operators', lambda: False)
    config = Config(dict(model=dict(type='NoSuchSegmentor')))
    (need,) = missing_needs(config)
    assert (need.name, need.source) == ('mmcv', 'bash tools/install.sh compiled')


def test_a_baseline_without_compiled_operators_is_told_in_one_line(
    run_tool, monkeypatch, tiny_world, tmp_path
):
    name = 'mmfourdpsg.engine.needs.package_needs.has_compiled_operators'
    monkeypatch.setattr(name, lambda: False)
    path = 'configs/psg4dformer/tabletop/segmentation.py'
    options = [
        f'{key}.data_root={tiny_world}'
        for key in ('train_dataloader.dataset.dataset', 'val_dataloader.dataset')
    ]
    work = ['--work-dir', tmp_path / 'out']
    result = run_tool('tools/train.py', path, *work, '--cfg-options', *options)
    assert result.returncode == 2
    assert result.stderr == (
        "error: mmcv: PSG4DFormer needs mmcv's compiled operators (bash "
        'tools/install.sh compiled)\n'
    )
