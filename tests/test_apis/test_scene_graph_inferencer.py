import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from in_process import in_process_runner
from mmengine.config import Config
from mmengine.model import BaseModel
from PIL import Image

from mmfourdpsg.apis import SceneGraphInferencer
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    load_scene_graphs,
)
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import save_weights

HEIGHT, WIDTH, NUM_FRAMES = 48, 64, 5


@MODELS.register_module(force=True)
class BrightPixelsModel(BaseModel):
    """Finds the pixels that are bright in each frame; keeps what it was given."""

    def __init__(self, channels=3, data_preprocessor=None):
        super().__init__(data_preprocessor)
        self.layer = torch.nn.Linear(channels, 2)
        self.seen = None

    def forward(self, inputs, data_samples, mode='tensor'):
        assert mode == 'predict' and not self.training
        self.seen = inputs
        for sample in data_samples:
            frames = sample.frame_reader
            masks = {i: frames[i][..., 0] > 200 for i in range(len(frames))}
            height, width = sample.ori_shape
            tube = MaskTube.from_masks(masks, height, width)
            sample.pred_scene_graph = SceneGraph(
                sample.video_id,
                height,
                width,
                sample.num_frames,
                [SceneObject(0, 'light', tube=tube), SceneObject(1, 'room')],
                [Relation(0, 'in', 1, [(0, sample.num_frames - 1)], 0.5)],
            )
        return data_samples


def _config(**model):
    return Config(
        dict(
            default_scope='mmdet',
            model=dict(
                type='BrightPixelsModel',
                data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
                **model,
            ),
            inference_pipeline=[
                dict(type='SampleFrames', num_frames=3),
                dict(type='LoadRGBFrames'),
                dict(
                    type='LoadDepthFrames', decoder=dict(type='SAILVOS3DDepthDecoder')
                ),
                dict(type='ResizeFrames', size=(24, 32)),
                dict(type='PackSceneGraphInputs'),
            ],
            work_dir='nowhere/at_all',
        )
    )


@pytest.fixture
def inferencer():
    return SceneGraphInferencer(_config(), device='cpu', untrained=True)


def test_from_recording_to_graph_and_files(inferencer, recording, tmp_path):
    rgb, depth = recording
    out = tmp_path / 'out'
    graph = inferencer(rgb, depth, out)
    assert (graph.video_id, graph.num_frames) == ('kitchen', NUM_FRAMES)
    assert (graph.height, graph.width) == (HEIGHT, WIDTH)
    boxes = graph.objects[0].tube.boxes()
    assert boxes == {i: (5.0 * i, 10.0, 5.0 * i + 10, 20.0) for i in range(NUM_FRAMES)}
    # 3 of 5 frames: segments 0, 1-2, 3-4, whose middles are 0, 1 and 3
    seen = inferencer.model.seen
    assert seen['rgb'].shape == (1, 3, 3, 24, 32)
    assert seen['depth'][0, :, 0, 0].tolist() == [1.0, 1.5, 2.5]
    assert sorted(p.name for p in out.iterdir()) == [
        'graph.json',
        'overlay.mp4',
        'viewer.html',
    ]
    assert load_scene_graphs(out / 'graph.json') == [graph]
    with av.open(str(out / 'overlay.mp4')) as container:
        assert sum(1 for _ in container.decode(video=0)) == NUM_FRAMES


def test_without_depth_it_says_so_and_depth_is_unknown(inferencer, recording, capsys):
    inferencer(recording[0])
    out = capsys.readouterr().out
    assert out == 'no depth given: the depth branch is not used\n'
    assert inferencer.model.seen['depth'].shape == (1, 3, 24, 32)
    assert not inferencer.model.seen['depth'].any()


def test_depth_units_are_the_callers(inferencer, recording):
    inferencer(*recording, depth_scale=5000)
    assert inferencer.model.seen['depth'][0, 0, 0, 0] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ('rgb', 'out'),
    [
        ('①1²', 'new/and newer/out'),
        ('a b: c', 'a:b'),
        ('http:', 'file:x'),
        ('2024.01.05', '.'),
        ('ünï/кадр', 'x/../y'),
    ],
)
def test_any_name_is_that_of_a_recording_or_folder(
    inferencer, recording, tmp_path, monkeypatch, rgb, out
):
    monkeypatch.chdir(tmp_path)
    Path(rgb).parent.mkdir(exist_ok=True)
    recording[0].rename(rgb)
    graph = inferencer(rgb, recording[1], out)
    assert graph.video_id == Path(rgb).name
    assert {'graph.json', 'overlay.mp4', 'viewer.html'} <= {
        path.name for path in Path(out).iterdir()
    }
    with av.open(str((tmp_path / out / 'overlay.mp4').resolve())) as container:
        assert sum(1 for _ in container.decode(video=0)) == NUM_FRAMES


def test_a_name_that_is_no_unicode_is_replaced(inferencer, recording, tmp_path):
    folder = os.path.join(os.fsencode(tmp_path), b'k\xff')
    try:
        os.rename(recording[0], folder)
    except OSError:
        pytest.skip('this file system takes Unicode names alone')
    graph = inferencer(Path(os.fsdecode(folder)), out_dir=tmp_path / 'out')
    assert graph.video_id == 'k\ufffd'
    assert 'k\ufffd' in (tmp_path / 'out/viewer.html').read_text('utf-8')


@pytest.mark.parametrize('fps', [0.001, 1 / 3, 29.97, 1000])
def test_slow_and_fast_recordings_are_written(inferencer, recording, tmp_path, fps):
    inferencer(recording[0], out_dir=tmp_path / 'out', fps=fps)
    with av.open(str(tmp_path / 'out' / 'overlay.mp4')) as container:
        rate = container.streams.video[0].average_rate
        assert float(rate) == pytest.approx(fps, rel=0.01)


def test_a_video_file_gives_its_own_rate(inferencer, recording_video, tmp_path):
    path = recording_video
    graph = inferencer(path, out_dir=tmp_path / 'out')
    assert (graph.video_id, graph.num_frames) == ('clip', NUM_FRAMES)
    with av.open(str(tmp_path / 'out' / 'overlay.mp4')) as container:
        assert container.streams.video[0].average_rate == 12


def test_bad_recordings_are_told_and_leave_nothing(inferencer, recording, tmp_path):
    rgb, depth = recording
    out = tmp_path / 'out'
    (depth / '4.png').unlink()
    with pytest.raises(
        InputError, match=r'depth: does not pair with .*kitchen: no depth .* 4\.png'
    ):
        inferencer(rgb, depth, out)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(InputError, match='empty: is empty'):
        inferencer(tmp_path / 'empty', None, out)
    content = (rgb / '3.png').read_bytes()
    (rgb / '3.png').write_bytes(content[:-30])
    with pytest.raises(InputError, match=r'3\.png: is truncated'):
        inferencer(rgb, None, out)
    (rgb / '3.png').write_bytes(content)
    for path in depth.iterdir():
        Image.fromarray(np.ones((5, 6), np.uint16)).save(path)
    shutil.copy(depth / '0.png', depth / '4.png')
    with pytest.raises(InputError, match=r'depth/0\.png: depth has 5 x 6.*48 x 64'):
        inferencer(rgb, depth, out)
    with pytest.raises(InputError, match='is a file'):
        inferencer(rgb, None, rgb / '0.png')
    assert not out.exists()


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (dict(fps=0), 'frames a second: expected a number from 0.001'),
        (dict(fps=float('nan')), 'frames a second: expected'),
        (dict(fps=float('inf')), 'frames a second: expected'),
        (dict(fps=1e9), 'frames a second: expected'),
        (dict(seed=2**64), 'seed 18446744073709551616: expected'),
        (dict(depth_scale=0), 'depth scale 0: expected'),
        (dict(depth_scale=-1.0), 'depth scale -1.0: expected'),
        (dict(depth_scale=float('inf')), 'depth scale inf: expected'),
        (dict(time_tolerance=-1), 'time tolerance -1: expected'),
        (dict(out_dir='kitchen/0.png'), 'kitchen/0.png: is a file, expected a folder'),
        (dict(out_dir='kitchen/0.png/deep/er'), 'kitchen/0.png: is a file'),
        (dict(out_dir='link/out'), 'link: is a file, expected a folder'),
        (dict(out_dir='taken'), 'taken/viewer.html: is a folder, expected a file'),
        (dict(out_dir=''), 'the path of the folder for the results is empty'),
        (dict(out_dir='a/' + 300 * 'b'), 'cannot be written'),
        (dict(out_dir='/proc/nothing/here'), ': cannot be written to'),
        (dict(depth=''), 'the path of the depth maps is empty'),
        (dict(depth='kitchen/0.png'), 'kitchen/0.png: is no directory'),
        (dict(rgb=''), 'the path of the frames is empty'),
        (dict(rgb=300 * 'b'), 'cannot be read (File name too long)'),
        (dict(rgb='unequal', depth=None), 'unequal/4.png: has 24 x 64 pixels'),
        (dict(depth='unequal_depth'), '4.png: has 24 x 64 pixels'),
        (dict(depth='half_depth'), 'half_depth/0.png: depth has 24 x 64 pixels'),
        (dict(rgb='cut', depth=None), 'cut/4.png: is truncated'),
        (dict(depth='cut_depth'), 'cut_depth/4.png: is truncated'),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_can_be_known_is_told_before_a_model_is_built(
    recording, tmp_path, monkeypatch, options, says
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'link').symlink_to('nowhere')
    (tmp_path / 'taken/viewer.html').mkdir(parents=True)
    for name, source in (('', recording[0]), ('_depth', recording[1])):
        for kind in ('unequal', 'cut', 'half'):
            shutil.copytree(source, tmp_path / f'{kind}{name}')
        half = Image.open(source / '4.png').crop((0, 0, WIDTH, HEIGHT // 2))
        half.save(tmp_path / f'unequal{name}/4.png')
        for index in range(NUM_FRAMES):
            half.save(tmp_path / f'half{name}/{index}.png')
        content = (source / '4.png').read_bytes()
        (tmp_path / f'cut{name}/4.png').write_bytes(content[:-30])
    before = sorted(tmp_path.rglob('*'))
    inferencer = SceneGraphInferencer(_config(), None, 'cpu', True, build=False)
    request = dict(rgb='kitchen', depth='depth', out_dir='out') | options
    with pytest.raises(InputError) as error:
        inferencer(**request)
    assert says in str(error.value)
    assert inferencer.model is None
    assert sorted(tmp_path.rglob('*')) == before


def test_the_checkpoints_weights_are_used(tmp_path):
    model = MODELS.build(_config().model)
    path = tmp_path / 'model.pth'
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)
    loaded = SceneGraphInferencer(_config(), path, 'cpu').model
    assert torch.equal(loaded.layer.weight, model.layer.weight)
    with pytest.raises(
        InputError, match=r'model\.pth: is a checkpoint of another model.*\[2, 7\]'
    ):
        SceneGraphInferencer(_config(channels=7), path, 'cpu')
    with pytest.raises(InputError, match='expected one of the two'):
        SceneGraphInferencer(_config(), path, 'cpu', untrained=True)


def test_without_a_checkpoint_the_last_one_of_training_is_taken(tmp_path):
    config = _config()
    with pytest.raises(
        InputError, match=r'nowhere/at_all: has no checkpoint.*train\.py'
    ):
        SceneGraphInferencer(config, device='cpu')
    published, model = MODELS.build(config.model), MODELS.build(config.model)
    config.published_checkpoint = str(tmp_path / 'published.safetensors')
    state = published.state_dict()
    save_weights(config.published_checkpoint, state, dtype=torch.float32)
    loaded = SceneGraphInferencer(config, device='cpu').model
    assert torch.equal(loaded.layer.weight, published.layer.weight)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'epoch_6.pth')
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_6.pth'))
    config.work_dir = str(tmp_path)
    loaded = SceneGraphInferencer(config, device='cpu').model
    assert torch.equal(loaded.layer.weight, model.layer.weight)


def test_what_is_drawn_follows_from_the_seed(inferencer, recording, monkeypatch):
    drawn = []
    forward = inferencer.model.forward

    def draw(*args, **kwargs):
        drawn.append(float(torch.rand(())))
        return forward(*args, **kwargs)

    monkeypatch.setattr(inferencer.model, 'forward', draw)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for seed in (0, 0, 1):
        inferencer(recording[0], seed=seed)
    assert drawn[0] == drawn[1] != drawn[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_a_device_or_config_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match='device quantum'):
        SceneGraphInferencer(_config(), device='quantum', untrained=True)
    with pytest.raises(InputError, match=r'none\.py: no such config'):
        SceneGraphInferencer(tmp_path / 'none.py')
    with pytest.raises(InputError, match='has no inference_pipeline'):
        SceneGraphInferencer(Config(dict(model=dict(type='X'))))


def test_real_recordings(inferencer, fixtures_dir, tmp_path):
    folder = fixtures_dir / 'rgbd_sequence'
    graph = inferencer(folder / 'color', folder / 'depth', tmp_path / 'rgbd')
    assert (graph.height, graph.width, graph.num_frames) == (480, 640, 5)
    depth = inferencer.model.seen['depth']
    known = depth[depth > 0]
    assert known.min() > 0.5 and known.max() < 5  # an office chair, metres away
    graph = inferencer(fixtures_dir / 'video_frames', None, tmp_path / 'rgb')
    assert (graph.height, graph.width, graph.num_frames) == (540, 960, 8)
    assert (tmp_path / 'rgb' / 'viewer.html').stat().st_size > 100_000


def test_the_command_line_ends_with_one_line_and_status_2(
    repository, tmp_path, monkeypatch, capsys
):
    run_tool = in_process_runner(repository, monkeypatch, capsys)
    files = ['--rgb', tmp_path, '--out', tmp_path / 'out']
    done = run_tool('tools/infer.py', '--checkpoint', 'none.pth', *files)
    assert done.returncode == 2
    assert done.stderr.endswith('error: none.pth: no such checkpoint file\n')
    assert 'Traceback' not in done.stderr
    assert not (tmp_path / 'out').exists()
