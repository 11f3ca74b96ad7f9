import json

import numpy as np
import pytest
from in_process import in_process_runner
from PIL import Image

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.transforms import (
    LoadDepthFrames,
    LoadRGBFrames,
    SampleFrames,
)

CONFIG = """
default_scope = 'mmdet'
pipeline = [
    dict(type='SampleFrames', num_frames=4, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing='unknown'),
    dict(type='LoadPanopticMasks'),
    dict(type='ResizeFrames', size=(36, 48)),
    dict(type='PackSceneGraphInputs'),
]
dataset = dict(type='PSG4DGTADataset', data_root={root!r}, pipeline=pipeline)
repeated = dict(type='SceneGraphRepeatDataset', times=2, dataset=dataset)
train_dataloader = dict(dataset=repeated)
val_dataloader = dict(dataset=dict(dataset, split='val', test_mode=True))
"""


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


@pytest.fixture
def world(tiny_world, tmp_path):
    """A copy of the tiny world that may be spoilt, and its config."""
    import shutil

    root = tmp_path / 'psg4d_gta'
    shutil.copytree(tiny_world, root)
    config = tmp_path / 'config.py'
    config.write_text(CONFIG.format(root=str(root)))
    return root, config


CHECK = 'tools/analysis_tools/check_dataset.py'


def test_a_good_data_set_is_called_good(world, run_tool, tmp_path):
    root, config = world
    done = run_tool(CHECK, config, '--out', tmp_path / 'check.json', '--workers', 1)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('  good\n') == 2
    train, val = json.loads((tmp_path / 'check.json').read_text())
    assert train['name'] == 'train: PSG4DGTADataset, split train'
    assert val['problems'] == []
    annotation = json.loads((root / 'sailvos3d.json').read_text())
    rows = {row['video_id']: row for row in annotation['data']}
    videos = [rows[name] for name in annotation['split']['train']]
    assert train['counts']['videos'] == len(videos)
    assert train['counts']['objects'] == sum(len(row['object']) for row in videos)
    triplets = sum(len({tuple(r[:3]) for r in row['relations']}) for row in videos)
    assert train['counts']['relations'] == triplets
    assert sum(train['predicates'].values()) == triplets
    # The published data set has 67 videos, this is another one.
    assert train['differences_from_published'] == {}
    pixels = sum(train['depth']['pixels']) + train['depth']['unknown']
    frames = train['counts']['frames']
    first = next((root / 'images').rglob('*.bmp'))
    with Image.open(first) as image:
        assert pixels == frames * np.prod(image.size)
    dataset = PSG4DGTADataset(
        data_root=str(root),
        split='train',
        pipeline=[SampleFrames(24), LoadRGBFrames(), LoadDepthFrames()],
    )
    depth = np.stack([item['depth'] for item in dataset])
    inverse = 1 / depth[depth > 0].astype(float)
    assert train['depth']['inverse_mean'] == pytest.approx(inverse.mean())
    assert train['depth']['inverse_deviation'] == pytest.approx(inverse.std())
    line = f'1 / depth: mean {inverse.mean():.3f}, deviation {inverse.std():.3f} per'
    assert line in done.stdout


def test_labels_that_the_config_does_not_list_are_told(world, run_tool):
    _, config = world
    head = "dict(text_format=dict(categories=['table'], predicates=None))"
    config.write_text(f'{config.read_text()}\nmodel = dict(scene_graph_head={head})\n')
    done = run_tool(CHECK, config, '--workers', 1)
    assert done.returncode == 0, done.stderr
    lines = [row for row in done.stdout.splitlines() if 'NOT LISTED' in row]
    assert len(lines) == 2
    assert 'text_format.categories' in lines[0]
    assert 'table' not in lines[0].partition(':')[2].split(', ')
    assert 'wall' in lines[0]


def test_everything_that_is_wrong_is_told(world, run_tool, tmp_path):
    root, config = world
    name = json.loads((root / 'sailvos3d.json').read_text())['split']['train'][0]
    (root / f'images/{name}/000001.bmp').unlink()
    val = json.loads((root / 'sailvos3d.json').read_text())['split']['val'][0]
    (root / f'depth/{val}/000002.npy').unlink()
    mask = root / f'masks/{val}/000000.npy'
    ids = np.load(mask)
    ids[0, 0] = 777
    np.save(mask, ids)
    done = run_tool(CHECK, config, '--out', tmp_path / 'check.json', '--workers', 1)
    assert done.returncode == 1
    assert 'WRONG missing rgb: 1 videos' in done.stdout
    train, checked = json.loads((tmp_path / 'check.json').read_text())
    assert [(row['video'], row['kind']) for row in train['problems']] == [
        (name, 'missing rgb')
    ]
    assert '000001.bmp: is missing' in train['problems'][0]['message']
    found = {(row['video'], row['kind']) for row in checked['problems']}
    assert found == {(val, 'missing depth'), (val, 'masks')}
    assert 'unknown object ids [777]' in done.stdout


def test_bad_commands_are_told_in_one_line(world, run_tool, tmp_path):
    _, config = world
    empty = tmp_path / 'empty.py'
    empty.write_text('model = dict()\n')
    for args, message in (
        ([tmp_path / 'none.py'], 'none.py: no such config file'),
        ([empty], 'has no data set'),
        ([config, '--frames', 0], '--frames is 0, expected 1 or more'),
    ):
        done = run_tool(CHECK, *args)
        assert done.returncode == 2
        assert message in done.stderr.strip().split('\n')[-1]


@pytest.mark.parametrize('part', ['train', 'val'])
def test_samples_are_drawn(world, run_tool, tmp_path, part):
    tool = 'tools/analysis_tools/browse_dataset.py'
    out = tmp_path / 'pictures'
    done = run_tool(tool, world[1], '--out', out, '--part', part, '--count', 1)
    assert done.returncode == 0, done.stderr
    (path,) = out.iterdir()
    picture = np.asarray(Image.open(path).convert('RGB'))
    assert picture.shape[0] > 300
    # Frames, and not only white paper.
    assert (picture[:, : picture.shape[1] // 2] < 128).any(axis=-1).mean() > 0.1
    done = run_tool(tool, world[1], '--out', out, '--part', 'test')
    assert (done.returncode, 'has no test_dataloader' in done.stderr) == (2, True)


def test_benchmarks_run(world, run_tool, tmp_path):
    config = tmp_path / 'plain.py'
    config.write_text(
        world[1].read_text() + 'train_dataloader = dict(dataset=dataset)\n'
    )
    out = tmp_path / 'figures.json'
    done = run_tool(
        'tools/analysis_tools/benchmark_dataloader.py', config, '--out', out
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    assert figures['frames'] == 4 * figures['videos']
    assert set(figures['share_of_time']) == {'rgb', 'depth', 'masks', 'transforms'}
