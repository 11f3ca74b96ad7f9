import json

import numpy as np
import pytest
from in_process import in_process_runner
from PIL import Image

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.checks import DatasetReport, VideoCheck
from mmfourdpsg.datasets.transforms import (
    LoadDepthFrames,
    LoadRGBFrames,
    SampleFrames,
)
from mmfourdpsg.structures import SceneGraph, SceneObject, save_scene_graphs

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


@pytest.mark.parametrize('part', ['scene_encoder', 'frame_encoder'])
def test_what_the_depth_encoder_gets_is_told(world, run_tool, tmp_path, part):
    root, config = world
    camera = "dict(type='DepthToDisparity', fx=150.0, baseline=0.1, mean=0.2, std=0.1)"
    model = f'dict({part}=dict(depth_to_disparity={camera}))'
    config.write_text(f'{config.read_text()}\nmodel = {model}\n')
    out = tmp_path / 'check.json'
    done = run_tool(CHECK, config, '--out', out, '--workers', 1, '--frames', 24)
    assert done.returncode == 0, done.stderr
    train, _val = json.loads(out.read_text())
    dataset = PSG4DGTADataset(
        data_root=str(root),
        split='train',
        pipeline=[SampleFrames(24), LoadRGBFrames(), LoadDepthFrames()],
    )
    depth = np.stack([item['depth'] for item in dataset])
    disparity = 0.1 * 150 / depth[depth > 0].astype(float).clip(0.01, 50)
    given = (disparity.clip(max=75) / 75 - 0.2) / 0.1
    found = train['depth']['encoder_input']
    assert found['mean'] == pytest.approx(given.mean(), abs=1e-4)
    assert found['deviation'] == pytest.approx(given.std(), abs=1e-4)
    assert found['saturated_share'] == (disparity >= 75).mean() == 0
    line = f'the depth encoder gets: mean {given.mean():.2f}, deviation '
    assert f'{line}{given.std():.2f} (in sigma), 0.0% saturated\n' in done.stdout
    assert 'FAR' not in done.stdout


def test_depth_that_the_encoder_cannot_tell_apart_is_told(world, run_tool, tmp_path):
    _, config = world
    # As if metres were read as a tenth of them.
    camera = "dict(type='DepthToDisparity', depth_scale=0.01)"
    config.write_text(
        f'{config.read_text()}\n'
        f'model = dict(scene_encoder=dict(depth_to_disparity={camera}))\n'
    )
    done = run_tool(CHECK, config, '--workers', 1, '--frames', 2)
    assert '100.0% saturated; FAR from what it learned' in done.stdout


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
    (root / f'masks/{val}/000000.npy').write_bytes(b'')
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
    assert 'masks/test_0/000000.npy: is an empty file' in done.stdout


def test_masks_with_ids_that_the_annotation_lacks_are_listed(world, run_tool, tmp_path):
    root, config = world
    wanted = []
    for number, frame in enumerate((2, 5)):
        path = root / f'masks/test_0/{frame:06d}.npy'
        ids = np.load(path)
        ids[0, : number + 1] = [777, 900][: number + 1]
        np.save(path, ids)
        wanted.append(dict(file=str(path), ids=[777, 900][: number + 1]))
    out = tmp_path / 'check.json'
    done = run_tool(CHECK, config, '--out', out, '--workers', 1)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '2 masks with ids that the annotation lacks, taken as void' in done.stdout
    for row in wanted:
        assert f'    {row["file"]}: {row["ids"]}\n' in done.stdout
    train, val = json.loads(out.read_text())
    assert (train['masks_with_unknown_ids'], val['masks_with_unknown_ids']) == (
        [],
        wanted,
    )
    done = run_tool(CHECK, config, '--workers', 1, '--strict')
    assert done.returncode == 1
    assert f'WRONG masks: 1 videos; {wanted[0]["file"]}: has the unknown' in done.stdout
    for row in wanted:
        assert f'    {row["file"]}: {row["ids"]}\n' in done.stdout


def test_a_long_list_of_masks_ends_with_a_count(world):
    checks = [VideoCheck('a', 1, unknown_masks=[(f'{i}.png', [i])]) for i in range(70)]
    metainfo = dict(thing_classes=[], stuff_classes=[], predicates=[])
    report = DatasetReport('name', {}, metainfo, checks)
    assert '    49.png: [49]\n    and 20 more: --out writes all\n' in report.to_text()
    assert len(report.to_json()['masks_with_unknown_ids']) == 70


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
def test_samples_of_either_part_are_shown(world, run_tool, tmp_path, part):
    tool = 'tools/analysis_tools/browse_dataset.py'
    out = tmp_path / 'images'
    done = run_tool(tool, world[1], '--out', out, '--part', part, '--count', 1)
    assert done.returncode == 0, done.stderr
    (path,) = out.iterdir()
    image = np.asarray(Image.open(path).convert('RGB'))
    assert image.shape[0] > 300
    # Frames, and not only white paper.
    assert (image[:, : image.shape[1] // 2] < 128).any(axis=-1).mean() > 0.1
    done = run_tool(tool, world[1], '--out', out, '--part', 'test')
    assert (done.returncode, 'has no test_dataloader' in done.stderr) == (2, True)


def test_the_data_loader_benchmark_tells_the_share_of_each_step(
    world, run_tool, tmp_path
):
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


def test_names_that_do_not_pair_are_a_fault_of_their_video(run_tool, tmp_path):
    """The others are checked all the same."""
    numbers = dict(good=('012', '012', '012'), bad=('023', '013', '012'))
    for video, kinds in numbers.items():
        for kind, names in zip(('rgb', 'depth', 'masks'), kinds, strict=True):
            (tmp_path / kind / video).mkdir(parents=True)
            for name in names:
                array = np.full((6, 8), 1, np.uint16 if kind == 'depth' else np.uint8)
                Image.fromarray(array).save(tmp_path / kind / video / f'{name}.png')
    graphs = [
        SceneGraph(name, 6, 8, 3, [SceneObject(1, 'cup')], []) for name in numbers
    ]
    save_scene_graphs(graphs, tmp_path / 'scene_graphs.json')
    config = tmp_path / 'config.py'
    config.write_text(
        CONFIG.format(root=str(tmp_path))
        .replace('PSG4DGTADataset', 'SceneGraphFileDataset')
        .replace("split='val'", "split='all'")
    )
    done = run_tool(CHECK, config, '--out', tmp_path / 'check.json', '--workers', 1)
    assert done.returncode == 1
    assert done.stdout.count('  not good\n') == 2
    assert 'WRONG files: 1 videos; ' in done.stdout
    report, _ = json.loads((tmp_path / 'check.json').read_text())
    ((video, kind, message),) = (row.values() for row in report['problems'])
    assert (video, kind) == ('bad', 'files')
    assert 'no depth map for 2.png and no RGB frame for 1.png' in message
    assert 'no mask for 3.png and no RGB frame for 1.png' in message
    assert report['counts']['videos'] == 2
    assert sum(report['depth']['pixels']) == 3 * 6 * 8  # those of the good video
