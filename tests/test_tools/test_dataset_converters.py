import json
import pickle

import av
import numpy as np
import pytest
from in_process import in_process_runner
from PIL import Image

from mmfourdpsg.datasets import (
    ActionGenomeDataset,
    PSG4DGTADataset,
    PSG4DHOIDataset,
    VisualGenomeDataset,
)
from mmfourdpsg.datasets.transforms import LoadDepthFrames, LoadRGBFrames
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.job_runner import run_jobs

FOLDER = 'tools/dataset_converters/'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def write_video(path, frames, codec, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=15)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pixels
        source = 'rgb24' if frames.ndim == 4 else 'gray16le'
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format=source)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def write_raw_sailvos(root, num_frames=7):
    rng = np.random.default_rng(0)
    made = {}
    for kind in ('images', 'depth', 'rage_matrices', 'visible', 'background'):
        (root / kind / 'clip').mkdir(parents=True)
    for t in range(num_frames):
        rgb = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        visible = np.zeros((6, 8), np.uint8)
        visible[:2], visible[2, t:] = 200, 9
        background = np.full((6, 8), 40, np.uint8)
        background[-1] = 0
        Image.fromarray(rgb).save(root / f'images/clip/{t:06d}.bmp')
        np.save(root / f'depth/clip/{t:06d}.npy', np.full((6, 8), 0.01, np.float32))
        np.savez(root / f'rage_matrices/clip/{t:06d}.npz', P_inv=np.eye(4))
        np.save(root / f'visible/clip/{t:06d}.npy', visible)
        np.save(root / f'background/clip/{t:06d}.npy', background)
        merged = np.where(visible > 0, visible.astype(int), 1040)
        merged[-1] = 0
        made[t] = rgb, merged
    return made


@pytest.fixture
def sailvos(tmp_path, run_tool):
    made = write_raw_sailvos(tmp_path / 'raw')
    (tmp_path / 'cut.json').write_text('{"clip": [2, 5]}')
    out = tmp_path / 'psg4d_gta'

    def run(*more):
        return run_tool(
            FOLDER + 'sailvos3d_to_psg4d_gta.py',
            *('--raw', tmp_path / 'raw', '--cuts', tmp_path / 'cut.json'),
            *('--out', out, '--workers', 1, *more),
        )

    return made, out, run


@pytest.mark.parametrize('more', [[], ['--link']])
def test_sailvos_is_cut_numbered_anew_and_merged(sailvos, more):
    made, out, run = sailvos
    # Depth is missing in places, as in the published data.
    (out.parent / 'raw/depth/clip/000003.npy').unlink()
    done = run(*more)
    assert done.returncode == 0, done.stderr
    ids = [9, 200, 1040]
    row = dict(
        video_id='clip',
        object=[dict(object_id=i, category='car') for i in ids],
        relations=[],
        meta=dict(num_frames=4),
    )
    content = dict(
        objects=dict(thing=['car'], stuff=[]), split=dict(train=['clip']), data=[row]
    )
    (out / 'sailvos3d.json').write_text(json.dumps(content))
    load = [
        dict(type='SampleFrames', num_frames=4),
        dict(type='LoadRGBFrames'),
        dict(type='LoadPanopticMasks'),
    ]
    item = PSG4DGTADataset(data_root=str(out), pipeline=load)[0]
    for new, old in enumerate(range(2, 6)):
        np.testing.assert_array_equal(item['rgb'][new], made[old][0])
        np.testing.assert_array_equal(item['panoptic_ids'][new], made[old][1])
    names = sorted(path.name for path in (out / 'depth/clip').iterdir())
    assert names == ['000000.npy', '000002.npy', '000003.npy']
    assert '1 videos, 1 there already' in run(*more).stdout


def test_a_stopped_conversion_leaves_no_half_video(sailvos):
    _, out, run = sailvos
    (out.parent / 'raw/visible/clip/000005.npy').unlink()
    done = run()
    assert done.returncode == 2
    assert 'visible/clip/000005.npy: is missing' in done.stderr
    assert not (out / 'masks').exists()
    assert not list(out.glob('.clip'))
    np.save(out.parent / 'raw/visible/clip/000005.npy', np.zeros((6, 8), np.uint8))
    assert run().returncode == 0
    assert len(list((out / 'masks/clip').iterdir())) == 4
    # Another cut is another video.
    (out.parent / 'cut.json').write_text('{"clip": [2, 4]}')
    assert run().returncode == 0
    assert len(list((out / 'masks/clip').iterdir())) == 3
    for cut in ('{"clip": [4, 2]}', '{"clip": 3}', '{"../x": [0, 1]}', '{'):
        (out.parent / 'cut.json').write_text(cut)
        done = run()
        assert done.returncode == 2
        assert 'cut.json: ' in done.stderr.strip().split('\n')[-1]


@pytest.fixture
def hoi4d(tmp_path):
    rng = np.random.default_rng(1)
    path = 'ZY1/H1/C1/N1/S1/s1/T1'
    depth = rng.integers(0, 65536, (5, 16, 24), dtype=np.uint16)
    rgb = np.repeat(np.arange(5, dtype=np.uint8) * 40, 16 * 24 * 3)
    rgb = rgb.reshape(5, 16, 24, 3)
    write_video(
        tmp_path / f'HOI4D_depth_video/{path}/align_depth/depth_video.avi',
        depth,
        'ffv1',
        'gray16le',
    )
    write_video(
        tmp_path / f'HOI4D_release/{path}/align_rgb/image.mp4', rgb, 'mpeg4', 'yuv420p'
    )
    content = dict(data=[dict(video_id=path, object=[], relations=[])])
    (tmp_path / 'psg4d_hoi.json').write_text(json.dumps(content))
    (tmp_path / 'categories.json').write_text('{}')
    return tmp_path, path, rgb, depth


def test_hoi4d_is_decoded(hoi4d, run_tool):
    root, path, rgb, depth = hoi4d
    tool = FOLDER + 'hoi4d_decode.py'
    done = run_tool(tool, '--data-root', root, '--workers', 1)
    assert done.returncode == 0, done.stderr
    (root / f'HOI4D_depth_video/{path}/align_depth/depth_video.avi').rename(
        root / 'elsewhere.avi'
    )
    info = PSG4DHOIDataset(data_root=str(root), split='all').get_data_info(0)
    assert info['num_frames'] == 5
    info['frame_indices'] = range(5)
    results = LoadDepthFrames()(LoadRGBFrames()(info))
    np.testing.assert_array_equal(results['depth'], depth / np.float32(1000))
    assert np.abs(results['rgb'].astype(int) - rgb).max() < 12
    done = run_tool(tool, '--data-root', root, '--workers', 1, '--parts', 'rgb')
    assert '1 videos, 1 decoded already' in done.stdout
    # What is lost is made again.
    (root / f'HOI4D_release/{path}/align_rgb/00003.jpg').unlink()
    done = run_tool(tool, '--data-root', root, '--workers', 1, '--parts', 'rgb')
    assert '1 videos, 0 decoded already' in done.stdout
    assert (root / f'HOI4D_release/{path}/align_rgb/00003.jpg').is_file()


def test_a_damaged_video_of_hoi4d_does_not_lose_the_others(hoi4d, run_tool):
    root, path, _, _ = hoi4d
    bad = root / 'HOI4D_depth_video/AA/align_depth/depth_video.avi'
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b'no video')
    tool = FOLDER + 'hoi4d_decode.py'
    done = run_tool(tool, '--data-root', root, '--workers', 1)
    assert done.returncode == 2
    assert '1 of 3 videos failed; the first, ' in done.stderr
    assert 'is truncated or no video' in done.stderr
    folder = root / f'HOI4D_depth_video/{path}/align_depth'
    assert len(list(folder.glob('*.png'))) == 5
    assert not list(root.rglob('.decoding'))
    assert run_tool(tool, '--data-root', root / 'none').returncode == 2


@pytest.mark.parametrize('by_list', [True, False])
def test_action_genome_frames_are_counted_from_1(tmp_path, run_tool, by_list):
    frames = np.repeat(np.arange(9, dtype=np.uint8) * 25, 16 * 24 * 3)
    frames = frames.reshape(9, 16, 24, 3)
    write_video(tmp_path / 'charades/AAA.mp4', frames, 'mpeg4', 'yuv420p')
    root = tmp_path / 'ag'
    (root / 'annotations').mkdir(parents=True)
    row = [{'class': 'door', 'bbox': (1, 2, 3, 4), 'metadata': dict(set='train')}]
    content = {f'AAA.mp4/{number:06d}.png': row for number in (8, 2, 5)}
    for name, value in (
        ('object_bbox_and_relationship', content),
        ('person_bbox', {key: dict(bbox=np.zeros((0, 4))) for key in content}),
    ):
        path = root / f'annotations/{name}.pkl'
        path.write_bytes(pickle.dumps(value))
    if by_list:
        (root / 'annotations/frame_list.txt').write_text('\n'.join(content))
    args = ('--data-root', root, '--videos', tmp_path / 'charades', '--workers', 1)
    tool = FOLDER + 'action_genome_frames.py'
    done = run_tool(tool, *args)
    assert done.returncode == 0, done.stderr
    load = [dict(type='SampleFrames', num_frames=3), dict(type='LoadRGBFrames')]
    item = ActionGenomeDataset(data_root=str(root), pipeline=load)[0]
    found = item['rgb'].mean(axis=(1, 2, 3))
    assert np.abs(found - [25, 100, 175]).max() < 6
    assert '1 videos, 1 dumped already' in run_tool(tool, *args).stdout
    (root / 'frames/AAA.mp4/000005.png').unlink()
    assert '1 videos, 0 dumped already' in run_tool(tool, *args).stdout
    assert (root / 'frames/AAA.mp4/000005.png').is_file()
    done = run_tool(tool, *args, '--all-frames')
    assert len(list((root / 'frames/AAA.mp4').glob('*.png'))) == 9
    (root / 'annotations/frame_list.txt').write_text('AAA.mp4/000012.png')
    done = run_tool(tool, *args)
    assert done.returncode == 2
    assert 'ends before frame 12' in done.stderr
    (root / 'annotations/frame_list.txt').write_text('../000012.png')
    assert 'expected <video>/<number>.png' in run_tool(tool, *args).stderr


def test_boxes_of_visual_genome_become_masks(
    tmp_path, run_tool, repository, simulate_frame
):
    root, boxes = simulate_frame
    config = repository / 'configs/4dllm/tabletop/step1.py'
    tool = FOLDER + 'vg_boxes_to_masks.py'
    done = run_tool(tool, config, '--data-root', root, '--device', 'cpu')
    assert done.returncode == 0, done.stderr
    load = [
        dict(type='SampleFrames', num_frames=1),
        dict(type='LoadRGBFrames'),
        dict(type='LoadPanopticMasks'),
        dict(type='PackSceneGraphInputs'),
    ]
    sample = VisualGenomeDataset(data_root=str(root), pipeline=load)[0]['data_samples']
    masks = sample.gt_masks[:, 0].numpy()
    assert len(masks) == len(boxes)
    overlaps = []
    for (x1, y1, x2, y2), mask in zip(boxes, masks, strict=True):
        inside = mask[int(y1) : int(y2), int(x1) : int(x2)].sum()
        overlaps.append(inside / max(mask.sum(), 1))
    # What SAM2 finds lies in the box that it was given.
    assert np.median(overlaps) > 0.8
    assert (
        '1 of them have masks already'
        in run_tool(tool, config, '--data-root', root, '--device', 'cpu').stdout
    )
    done = run_tool(tool, tmp_path / 'none.py', '--data-root', root)
    assert done.returncode == 2
    assert 'none.py: cannot be read' in done.stderr


@pytest.fixture
def simulate_frame(tmp_path):
    """Visual Genome of one frame of the simulated world, and its boxes."""
    pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')
    from mmfourdpsg.simulation.simulate import simulate_video
    from mmfourdpsg.simulation.visual_genome_writer import VisualGenomeWriter

    recording = simulate_video('video', 5)
    root = tmp_path / 'vg'
    writer = VisualGenomeWriter(root, 'facts', recording.scene_graph.num_frames)
    writer.write(recording)
    writer.finish(dict(train=['video']))
    graph = VisualGenomeDataset(data_root=str(root))[0]['scene_graph']
    return root, [item.boxes[0] for item in graph.objects]


def fail_on_b(name):
    if name == 'b':
        raise InputError('b.txt: is bad, expected a good one')


@pytest.mark.parametrize('workers', [1, 2])
def test_a_failed_job_is_told_and_the_others_run(capsys, workers):
    with pytest.raises(InputError, match=r'1 of 3 files failed; the first, B: b\.txt'):
        run_jobs(fail_on_b, [('A', 'a'), ('B', 'b'), ('C', 'c')], workers, 'files')
    out, err = capsys.readouterr()
    assert '3/3 files' in out
    assert 'failed: B: b.txt: is bad' in err
