"""All five steps, one after the other, on as little data as they can read."""

import json

import pytest
import torch

from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file

pytestmark = pytest.mark.slow

RUN = 'tools/analysis_tools/run_study.py'
STUDY = 'configs/studies/tabletop_transfer.py'
WORLD = ['--train', 4, '--test', 2, '--unseen', 0, '--frames', 12]
# Step -> option of the data set's root and the layout that belongs there.
DATA = {
    'step2a': [
        ('train_dataloader.dataset', 'diml'),
        ('val_dataloader.dataset', 'diml'),
    ],
    'step2b': [('train_dataloader.dataset', 'ag'), ('val_dataloader.dataset', 'ag')],
    'step4': [
        ('train_dataloader.dataset.datasets.0', 'vg'),
        ('train_dataloader.dataset.datasets.1', 'psg'),
        ('val_dataloader.dataset', 'psg4d_gta'),
        ('test_dataloader.dataset', 'psg4d_gta'),
    ],
}
ELSE = [
    ('train_dataloader.dataset', 'psg4d_gta'),
    ('val_dataloader.dataset', 'psg4d_gta'),
    ('test_dataloader.dataset', 'psg4d_gta'),
]
SHORT = [
    'train_cfg.max_epochs=1',
    'train_dataloader.num_workers=0',
    'train_dataloader.batch_size=2',
]
SMALL = ['model.tube_decoder.max_train_objects=2', 'train_dataloader.dataset.indices=4']


@pytest.fixture(scope='module')
def world(run_tool, tmp_path_factory):
    """Root of all layouts of a tiny world."""
    root = tmp_path_factory.mktemp('world')
    for more in (
        ['--layouts', 'psg4d_gta', 'ag'],
        ['--layouts', 'diml', 'vg', 'psg', '--images', 1],
    ):
        result = run_tool('tools/make_tabletop.py', '--out', root, *WORLD, *more)
        assert result.returncode == 0, result.stderr[-2000:]
    result = run_tool(
        'tools/export_scene_graphs.py', '--dataset', 'psg4d_gta', '--data-root',
        root / 'psg4d_gta', '--split', 'val', '--out', root / 'val.json',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]
    return root


@pytest.fixture
def study(repository, world, tmp_path):
    """The study of the transfer, on the tiny world."""
    options = {}
    for name in ('step1', 'step2a', 'step2b', 'step2c', 'step3', 'step4', 'step5'):
        options[name] = [
            f'{option}.data_root={world}/{layout}/'
            for option, layout in DATA.get(name, ELSE)
        ]
        options[name] += SHORT
        if not name.startswith('step2'):
            options[name] += SMALL[: 1 if name == 'step4' else 2]
    options['step5'].append('train_cfg.max_epochs=2')
    path = tmp_path / 'study.py'
    path.write_text(
        f'_base_ = [{str(repository / STUDY)!r}]\n'
        f"ground_truth = '{world}/val.json'\n"
        'baseline = None\n'
        f'small = {options!r}\n'
        'runs = {\n'
        '    name: dict(run, options=[*run.options, *small[name]])\n'
        '    for name, run in _base_.runs.items() if name in small\n'
        '}\n'
        "rows = [dict(name='4D-LLM', run='step5'), dict(name='base', run='step1')]\n"
    )
    return path


def test_all_steps_train_and_a_stopped_chain_goes_on(study, run_tool, tmp_path):
    arguments = [study, '--records', tmp_path / 'records', '--work-dir', tmp_path / 'w']
    arguments += ['--seeds', 0, '--rows', '4D-LLM']
    result = run_tool(RUN, *arguments, timeout=3000)
    assert result.returncode == 0, result.stderr[-3000:]
    path = tmp_path / 'records/study/4d-llm_seed0.json'
    # 4 videos in pairs; of step 4 in two layouts; step 5 has two epochs.
    assert json.loads(path.read_text())['steps'] == 2 * 5 + 4 + 2 * 2
    runs = tmp_path / 'w/study/seed0'
    last = {folder: max(folder.glob('epoch_*.pth')) for folder in runs.iterdir()}
    assert {folder.name for folder in last} == {
        'step1', 'step2a', 'step2b', 'step2c', 'step3', 'step4', 'step5'
    }  # fmt: skip
    times = {file: file.stat().st_mtime for file in last.values()}
    expected = load_checkpoint_file(runs / 'step5/epoch_2.pth')['state_dict']
    # Stopped after the first epoch of step 5.
    path.unlink()
    (runs / 'step5/finished.txt').unlink()
    (runs / 'step5/epoch_2.pth').unlink()
    (runs / 'step5/last_checkpoint').write_text(str(runs / 'step5/epoch_1.pth'))
    result = run_tool(RUN, *arguments, timeout=3000)
    assert result.returncode == 0, result.stderr[-3000:]
    for file, before in times.items():
        assert (file.stat().st_mtime > before) == (file.parent.name == 'step5'), file
    found = load_checkpoint_file(runs / 'step5/epoch_2.pth')['state_dict']
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in found)
    assert path.exists()


def test_several_processes_train_and_test_a_row(study, run_tool, tmp_path):
    result = run_tool(
        RUN, study, '--records', tmp_path / 'records', '--work-dir', tmp_path / 'w',
        '--seeds', 0, '--rows', 'base', '--gpus', 2, timeout=3000,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    record = json.loads((tmp_path / 'records/study/base_seed0.json').read_text())
    # 4 videos, two at a time in each of two processes.
    assert record['steps'] == 1
    predictions = json.loads(
        (tmp_path / 'w/study/base_seed0/predictions.json').read_text()
    )
    assert len(predictions['videos']) == 2
