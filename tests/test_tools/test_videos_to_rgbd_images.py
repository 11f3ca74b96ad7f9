import json
import shutil

import numpy as np
import pytest
from in_process import in_process_runner
from mmengine.config import Config
from PIL import Image

from mmfourdpsg.datasets import PSG4DGTADataset, SceneGraphFileDataset
from mmfourdpsg.datasets.transforms import (
    LoadDepthFrames,
    LoadPanopticMasks,
    LoadRGBFrames,
    SampleFrames,
)
from mmfourdpsg.registry import DATASETS

TOOL = 'tools/dataset_converters/videos_to_rgbd_images.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


@pytest.fixture
def images(tiny_world, tmp_path, run_tool):
    """Images of three frames of each video of the tiny world."""
    out = tmp_path / 'rgbd_pictures'
    options = ('--dataset', 'psg4d_gta', '--data-root', tiny_world, '--frames', 3)
    done = run_tool(TOOL, *options, '--out', out, '--workers', 1)
    assert done.returncode == 0, done.stderr
    assert f'{out}: 12 images of 4 videos' in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ['rgbd_pictures']
    return out


def test_images_are_the_frames_with_what_they_show(tiny_world, images):
    load = [LoadRGBFrames(), LoadDepthFrames(), LoadPanopticMasks()]
    videos = PSG4DGTADataset(
        data_root=str(tiny_world), split='train', pipeline=[SampleFrames(3), *load]
    )
    found = SceneGraphFileDataset(
        data_root=str(images), pipeline=[SampleFrames(1), *load]
    )
    rows = iter(found)
    relations = 0
    for video in videos:
        graph = video['scene_graph']
        for place, frame in enumerate(video['frame_indices']):
            item = next(rows)
            assert item['video_id'] == f'{video["video_id"]}_{frame:06d}'
            np.testing.assert_array_equal(item['rgb'][0], video['rgb'][place])
            # Rounded to millimetres.
            depth = video['depth'][place]
            np.testing.assert_allclose(item['depth'][0], depth, atol=0.00051)
            ids, wanted = item['panoptic_ids'][0], video['panoptic_ids'][place]
            shown = [o for o in graph.objects if (wanted == o.id).any()]
            image = item['scene_graph']
            assert (image.num_frames, image.height, image.width) == (1, *ids.shape)
            assert [(o.category, o.is_thing) for o in image.objects] == [
                (o.category, o.is_thing) for o in shown
            ]
            numbers = {}
            for old, new in zip(shown, image.objects, strict=True):
                np.testing.assert_array_equal(ids == new.id, wanted == old.id)
                numbers[old.id] = new.id
            assert {(r.subject, r.predicate, r.object) for r in image.relations} == {
                (numbers[r.subject], r.predicate, numbers[r.object])
                for r in graph.relations
                if r.subject in numbers
                and r.object in numbers
                and any(start <= frame <= end for start, end in r.span)
            }
            relations += len(image.relations)
    assert relations > 0
    assert next(rows, None) is None


@pytest.mark.parametrize('name', ['step4_3d', 'step4_direct_3d'])
def test_the_configs_of_the_3d_rows_read_them(images, repository, name):
    config = Config.fromfile(repository / f'configs/4dllm/ablations/{name}.py')
    for part, count in (('train', 1), ('val', 6)):
        row = config[f'{part}_dataloader'].dataset
        assert row.data_root == 'data/rgbd_pictures/'
        dataset = DATASETS.build(dict(row, data_root=str(images)))
        # Images without a relation are nothing to train on.
        assert count <= len(dataset) <= 6
        item = dataset[0]
        sample = item['data_samples']
        assert item['inputs']['rgb'].shape[:2] == (1, 3)
        assert (item['inputs']['depth'] > 0).float().mean() > 0.9
        assert sample.gt_scene_graph.relations or part == 'val'
        if part == 'train':
            assert sample.gt_masks.flatten(1).any(dim=1).all()
        else:
            assert all(o.tube is not None for o in sample.gt_scene_graph.objects)


def test_far_depth_is_kept_and_frames_without_depth_are_left_out(
    tiny_world, tmp_path, run_tool
):
    root = tmp_path / 'world'
    shutil.copytree(tiny_world, root)
    content = json.loads((root / 'sailvos3d.json').read_bytes())
    content['split'] = dict(train=content['split']['train'][:1])
    (root / 'sailvos3d.json').write_text(json.dumps(content))
    (video,) = content['split']['train']
    dataset = PSG4DGTADataset(data_root=str(root), pipeline=[SampleFrames(2)])
    first, second = dataset[0]['frame_indices']
    (root / f'depth/{video}/{first:06d}.npy').unlink()
    out = tmp_path / 'images'
    done = run_tool(
        *(TOOL, '--dataset', 'psg4d_gta', '--data-root', root, '--out', out),
        *('--frames', 2, '--workers', 1, '--splits', 'train'),
    )
    assert done.returncode == 0, done.stderr
    assert f'{video}: left out 1 of 2 frames, which lack depth' in done.stdout
    assert (out / 'train.txt').read_text() == f'{video}_{second:06d}\n'
    # As own data, beyond the 65.535 m of 16 bits.
    folder = out / f'depth/{video}_{second:06d}'
    metres = np.asarray(Image.open(folder / '0.png')).astype(np.float32)
    (folder / '0.png').unlink()
    np.save(folder / '0.npy', metres)
    again = tmp_path / 'again'
    done = run_tool(
        *(TOOL, '--dataset', 'own', '--data-root', out, '--out', again),
        *('--workers', 1, '--splits', 'train'),
    )
    assert done.returncode == 0, done.stderr
    (path,) = again.rglob('*.npy')
    np.testing.assert_array_equal(np.load(path), metres)
    assert metres.max() > 65.535


def test_a_damaged_frame_leaves_nothing(tiny_world, tmp_path, run_tool):
    root = tmp_path / 'world'
    shutil.copytree(tiny_world, root)
    for path in (root / 'masks').glob('train_0/*.npy'):
        path.write_bytes(b'')
    out = tmp_path / 'images'
    options = ('--dataset', 'psg4d_gta', '--data-root', root, '--out', out)
    done = run_tool(TOOL, *options, '--workers', 1, '--splits', 'train')
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith('error: 1 of 2 videos failed; the first, train_0:')
    assert [path.name for path in tmp_path.iterdir()] == ['world']


def test_images_of_hoi4d_lie_below_the_paths_of_its_videos(tmp_path, run_tool):
    pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')
    from mmfourdpsg.simulation.psg4d_hoi_writer import PSG4DHOIWriter
    from mmfourdpsg.simulation.simulate import simulate_video

    root, out = tmp_path / 'hoi', tmp_path / 'images'
    recording = simulate_video('ZY1/H1/T1', 5)
    writer = PSG4DHOIWriter(root, 'settings')
    writer.write(recording)
    writer.finish(dict(train=['ZY1/H1/T1']))
    done = run_tool(
        *(TOOL, '--dataset', 'psg4d_hoi', '--data-root', root, '--out', out),
        *('--workers', 1, '--splits', 'train', '--frames', 2),
    )
    assert done.returncode == 0, done.stderr
    load = [SampleFrames(1), LoadRGBFrames(), LoadDepthFrames(), LoadPanopticMasks()]
    rows = list(SceneGraphFileDataset(data_root=str(out), pipeline=load))
    frames = SampleFrames(2)(dict(num_frames=len(recording.rgb)))['frame_indices']
    assert [row['video_id'] for row in rows] == [
        f'ZY1/H1/T1_{frame:06d}' for frame in frames
    ]
    for row, frame in zip(rows, frames, strict=True):
        ids = recording.instance_ids[frame]
        names = {o.id: o.category for o in recording.scene_graph.objects}
        found = {o.id: o.category for o in row['scene_graph'].objects}
        shown = {
            tuple(np.argwhere(ids == key)[0]): name
            for key, name in names.items()
            if (ids == key).any()
        }
        assert len(found) == len(shown)
        for place, name in shown.items():
            assert found[row['panoptic_ids'][0][place]] == name
