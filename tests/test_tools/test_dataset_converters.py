import json
import os
import pickle

import numpy as np
import pytest
from in_process import in_process_runner
from PIL import Image
from small_videos import (
    blank_packet,
    brightness,
    grey_frames,
    write_of_two_sizes,
    write_video,
)

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


def write_raw_sailvos(root, first, last, num_frames=7):
    """Write what PSG4D's own scripts read; a background has its frame's new number."""
    rng = np.random.default_rng(0)
    made = {}
    behind = root.parent / 'background_masks/clip'
    behind.mkdir(parents=True)
    for kind in ('images', 'depth', 'rage_matrices', 'visible'):
        (root / 'clip' / kind).mkdir(parents=True)
    for t in range(num_frames):
        rgb = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        visible = np.zeros((6, 8), np.uint8)
        visible[:2], visible[2, t:] = 200, 9
        background = np.full((6, 8), 40 + t, np.uint8)
        background[-1] = 0
        Image.fromarray(rgb).save(root / f'clip/images/{t:06d}.bmp')
        np.save(root / f'clip/depth/{t:06d}.npy', np.full((6, 8), 0.01, np.float32))
        np.savez(root / f'clip/rage_matrices/{t:06d}.npz', P_inv=np.eye(4))
        np.save(root / f'clip/visible/{t:06d}.npy', visible)
        if first <= t <= last:
            image = Image.fromarray(background)
            image.save(behind / f'{t - first:06d}.bmp')
        merged = np.where(visible > 0, visible.astype(int), 1040 + t)
        merged[-1] = 0
        made[t] = rgb, merged
    return made


@pytest.fixture
def sailvos(tmp_path, run_tool):
    made = write_raw_sailvos(tmp_path / 'raw', 2, 5)
    (tmp_path / 'cut.json').write_text('{"clip": [2, 5]}')
    out = tmp_path / 'psg4d_gta'

    def run(*more):
        return run_tool(
            FOLDER + 'sailvos3d_to_psg4d_gta.py',
            *('--raw', tmp_path / 'raw', '--cuts', tmp_path / 'cut.json'),
            *('--background', tmp_path / 'background_masks'),
            *('--out', out, '--workers', 1, *more),
        )

    return made, out, run


@pytest.mark.parametrize('more', [[], ['--link']])
def test_sailvos_is_cut_numbered_anew_and_merged(sailvos, more):
    made, out, run = sailvos
    # Depth is missing in places, as in the published data.
    (out.parent / 'raw/clip/depth/000003.npy').unlink()
    done = run(*more)
    assert done.returncode == 0, done.stderr
    assert 'clip: 1 of 4 frames lack depth' in done.stdout
    ids = [9, 200, 1042, 1043, 1044, 1045]
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
    (out / 'masks/clip/000002.npy').unlink()
    assert '1 videos, 0 there already' in run(*more).stdout
    assert (out / 'masks/clip/000002.npy').is_file()


def test_a_stopped_conversion_leaves_no_half_video(sailvos):
    _, out, run = sailvos
    lost = out.parent / 'raw/clip/visible/000005.npy'
    content = lost.read_bytes()
    lost.unlink()
    done = run()
    assert done.returncode == 2
    assert 'clip/visible/000005.npy: is missing' in done.stderr
    assert not (out / 'masks').exists()
    assert not list(out.glob('.clip'))
    np.save(lost, np.zeros((6, 8)))
    assert 'holds float64' in run().stderr
    assert 'cannot be filled in' in run('--layout', '{folder}').stderr
    lost.write_bytes(content)
    assert run().returncode == 0
    assert len(list((out / 'masks/clip').iterdir())) == 4
    # A run that dies amid its moves leaves no marker of the cut before.
    (out / '.converted/clip.txt').unlink()
    (out / 'images/clip/000001.bmp').write_bytes(b'')
    assert '1 videos, 0 there already' in run().stdout
    assert (out / 'images/clip/000001.bmp').stat().st_size
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
        rate=15,
    )
    write_video(
        tmp_path / f'HOI4D_release/{path}/align_rgb/image.mp4', rgb, 'mpeg4', rate=15
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


@pytest.mark.parametrize('damage', ['cut', 'hole'])
def test_a_video_with_too_few_frames_is_not_taken_for_whole(hoi4d, run_tool, damage):
    root, path, rgb, _ = hoi4d
    video = root / f'HOI4D_release/{path}/align_rgb/image.mp4'
    part = 'rgb' if damage == 'cut' else 'depth'
    args = (FOLDER + 'hoi4d_decode.py', '--data-root', root, '--parts', part)
    done = run_tool(*args, '--fps', 30)
    assert 'has 15 frames a second, expected 30' in done.stderr
    if damage == 'cut':
        # Its header is in front, so what is left can be read.
        write_video(video, rgb, 'mpeg4', rate=15, options=dict(movflags='faststart'))
        content = video.read_bytes()
        video.write_bytes(content[: len(content) - 100])
    else:
        video = root / f'HOI4D_depth_video/{path}/align_depth/depth_video.avi'
        content = bytearray(video.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 200] = bytes(200)
        video.write_bytes(content)
    done = run_tool(*args)
    assert done.returncode == 2
    assert 'is truncated or ' in done.stderr
    assert not [*video.parent.glob('*.jpg'), *video.parent.glob('*.png')]


@pytest.mark.parametrize('by_list', [True, False])
def test_action_genome_frames_are_counted_from_1(tmp_path, run_tool, by_list):
    frames = np.repeat(np.arange(9, dtype=np.uint8) * 25, 16 * 24 * 3)
    frames = frames.reshape(9, 16, 24, 3)
    write_video(tmp_path / 'charades/AAA.mp4', frames, 'mpeg4')
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


def _dump_charades(tmp_path, run_tool, listed):
    annotations = tmp_path / 'ag/annotations'
    annotations.mkdir(parents=True, exist_ok=True)
    (annotations / 'frame_list.txt').write_text('\n'.join(listed))
    return run_tool(
        FOLDER + 'action_genome_frames.py',
        *('--data-root', tmp_path / 'ag', '--videos', tmp_path / 'charades'),
        *('--workers', 1),
    )


def test_frames_of_turned_and_trimmed_videos_are_those_of_a_player(tmp_path, run_tool):
    frames = grey_frames(12, (32, 48))
    for frame in frames:
        frame[:16, :16] = 255
    turned = [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]
    write_video(tmp_path / 'charades/A.mp4', frames, matrix=turned)
    times = [t - 4 for t in range(12)]
    write_video(tmp_path / 'charades/B.mp4', frames, times=times)
    done = _dump_charades(tmp_path, run_tool, ['A.mp4/000003.png', 'B.mp4/000003.png'])
    assert done.returncode == 0, done.stderr
    shown = np.asarray(Image.open(tmp_path / 'ag/frames/A.mp4/000003.png'))
    assert shown.shape == (48, 32, 3)
    # Turned clockwise: what was left above is right above.
    assert np.abs(shown[:14, 18:].mean() - 255) < 4
    assert np.abs(shown[20:, :].mean() - 8 * 2) < 4
    shown = np.asarray(Image.open(tmp_path / 'ag/frames/B.mp4/000003.png'))
    assert np.abs(shown[20:, :].mean() - 8 * 6) < 4


def test_a_damaged_frame_shifts_no_number_of_later_ones(tmp_path, run_tool):
    path = tmp_path / 'charades/A.avi'
    write_video(path, grey_frames(12), 'mpeg4')
    blank_packet(path, 6)
    listed = [f'A.avi/{number:06d}.png' for number in (3, 9)]
    done = _dump_charades(tmp_path, run_tool, listed)
    assert done.returncode == 2
    assert 'A.avi: is truncated or damaged after frame 6' in done.stderr
    names = [path.name for path in (tmp_path / 'ag/frames/A.avi').iterdir()]
    assert names == ['000003.png']


def test_a_video_that_changes_its_size_is_not_dumped(tmp_path, run_tool, hoi4d):
    (tmp_path / 'charades').mkdir()
    write_of_two_sizes(tmp_path / 'charades/A.webm')
    done = _dump_charades(tmp_path, run_tool, ['A.webm/000007.png'])
    assert done.returncode == 2
    assert 'A.webm: frame 5 has 32 x 48 pixels' in done.stderr
    assert not (tmp_path / 'ag/frames').exists()
    root, path, _, _ = hoi4d
    video = root / f'HOI4D_release/{path}/align_rgb/image.mp4'
    (tmp_path / 'charades/A.webm').replace(video)
    done = run_tool(
        FOLDER + 'hoi4d_decode.py',
        *('--data-root', root, '--parts', 'rgb', '--fps', 10, '--workers', 1),
    )
    assert done.returncode == 2
    assert 'image.mp4: frame 4 has 32 x 48 pixels' in done.stderr
    assert not list(root.rglob('*.jpg'))


def test_hoi4d_is_decoded_as_a_player_shows_it(hoi4d, run_tool):
    root, path, _, _ = hoi4d
    video = root / f'HOI4D_release/{path}/align_rgb/image.mp4'
    turned = [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30]
    times = [t - 4 for t in range(12)]
    write_video(video, grey_frames(12), times=times, matrix=turned)
    done = run_tool(
        FOLDER + 'hoi4d_decode.py',
        *('--data-root', root, '--parts', 'rgb', '--fps', 10, '--workers', 1),
    )
    assert done.returncode == 0, done.stderr
    images = [np.asarray(Image.open(p)) for p in sorted(video.parent.glob('*.jpg'))]
    assert images[0].shape == (64, 48, 3)
    assert brightness(images) == list(range(4, 12))


def test_frames_at_uneven_times_are_told(tmp_path, run_tool):
    frames = np.zeros((9, 16, 24, 3), np.uint8)
    ticks = [0, 1, 2, 3, 4, 9, 10, 11, 12]
    for name, when in (('even', range(9)), ('uneven', ticks)):
        path = tmp_path / f'charades/{name}.mp4'
        write_video(path, frames, 'mpeg4', times=list(when))
    (tmp_path / 'ag/annotations').mkdir(parents=True)
    listed = [f'{name}.mp4/{n:06d}.png' for name in ('even', 'uneven') for n in (2, 8)]
    (tmp_path / 'ag/annotations/frame_list.txt').write_text('\n'.join(listed))
    done = run_tool(
        FOLDER + 'action_genome_frames.py',
        *('--data-root', tmp_path / 'ag', '--videos', tmp_path / 'charades'),
        *('--workers', 1),
    )
    assert done.returncode == 0, done.stderr
    assert 'uneven.mp4: comes at uneven times' in done.stdout
    assert 'numbered 1 of 2 frames otherwise' in done.stdout
    assert '/even.mp4: comes' not in done.stdout


@pytest.mark.filterwarnings('ignore:.*left out')
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
    # The same decoder, by itself and with its weights by hand.
    found = next((root / 'masks').glob('*.png'))
    before = found.read_bytes()
    found.unlink()
    base = repository / 'configs/_base_/models/tube_decoders/sam2_mini.py'
    assert run_tool(tool, base, '--data-root', root, '--device', 'cpu').returncode == 2
    weights = repository / 'checkpoints/tabletop/sam2_mini.safetensors'
    more = ('--checkpoint', weights, '--data-root', root, '--device', 'cpu')
    done = run_tool(tool, base, *more)
    assert done.returncode == 0, done.stderr
    assert found.read_bytes() == before
    done = run_tool(tool, tmp_path / 'none.py', '--data-root', root)
    assert done.returncode == 2
    assert 'none.py: no such config file' in done.stderr


@pytest.fixture
def simulate_frame(tmp_path):
    """Visual Genome of one frame of the simulated world, and its boxes."""
    pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')
    from mmfourdpsg.simulation.simulate import simulate_video
    from mmfourdpsg.simulation.visual_genome_writer import VisualGenomeWriter

    recording = simulate_video('video', 5)
    root = tmp_path / 'vg'
    writer = VisualGenomeWriter(root, 'settings', recording.scene_graph.num_frames)
    writer.write(recording)
    writer.finish(dict(train=['video']))
    # Objects without a name or beside the image get no mask.
    path = root / 'objects.json'
    content = json.loads(path.read_bytes())
    for number, name, x in ((9001, '', 1), (9002, 'cloud', -50)):
        row = dict(object_id=number, x=x, y=1, w=9, h=9, names=[name])
        for image in content:
            image['objects'].append(row)
    path.write_text(json.dumps(content))
    graph = VisualGenomeDataset(data_root=str(root))[0]['scene_graph']
    return root, [item.boxes[0] for item in graph.objects]


def fail_on_b(name):
    if name == 'b':
        raise InputError('b.txt: is bad, expected a good one')
    if name == 'd':
        raise ZeroDivisionError('nobody thought of this')


@pytest.mark.parametrize('workers', [1, 2])
def test_a_failed_job_is_told_and_the_others_run(capsys, workers):
    with pytest.raises(InputError, match=r'2 of 4 files failed; the first, '):
        run_jobs(fail_on_b, list(zip('ABDC', 'abdc', strict=True)), workers, 'files')
    out, err = capsys.readouterr()
    assert '4/4 files' in out
    assert 'failed: B: b.txt: is bad' in err
    assert 'failed: D: ZeroDivisionError: nobody' in err


def test_a_killed_process_does_not_hang():
    with pytest.raises(InputError, match=r'process was killed.*run it again'):
        run_jobs(os._exit, [('A', 1), ('B', 1)], 2, 'files')
