"""The standard tools on a tiny world."""

import json
import runpy
import shutil
from argparse import Namespace

import numpy as np
import pytest
import torch
from mmengine.config import Config

CONFIG = 'configs/4dllm/tabletop/step1.py'

BLOCK_OPERATORS = '''
import runpy, sys

class WithoutOperators:
    """Finds what another finder finds, except for the compiled operators."""

    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.split('.')[:2] in (['mmcv', '_ext'], ['mmcv', 'ops']):
            return None
        return self.finder.find_spec(name, path, target)

sys.meta_path[:] = [WithoutOperators(finder) for finder in sys.meta_path]
try:
    import mmcv._ext
except ModuleNotFoundError:
    pass
else:
    raise SystemExit('the compiled operators are still there')
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
'''


def _options(root, epochs=1):
    """Return overrides that train a smaller model on the tiny world."""
    return [
        '--cfg-options',
        f'train_dataloader.dataset.data_root={root}',
        f'val_dataloader.dataset.data_root={root}',
        f'test_dataloader.dataset.data_root={root}',
        'train_dataloader.batch_size=1',
        'train_dataloader.dataset.pipeline.0.num_frames=3',
        'test_dataloader.dataset.pipeline.0.num_frames=3',
        f'train_cfg.max_epochs={epochs}',
        f'train_cfg.val_interval={epochs + 9}',
        'model.tube_decoder.max_train_frames=2',
        'model.tube_decoder.max_train_objects=2',
        'model.scene_graph_head.max_answer_tokens=64',
    ]


@pytest.fixture(scope='module')
def trained(tiny_world, run_tool, tmp_path_factory):
    """Work folder of a training that ran without compiled operators."""
    folder = tmp_path_factory.mktemp('work')
    script = folder / 'block.py'
    script.write_text(BLOCK_OPERATORS)
    result = run_tool(
        script, 'tools/train.py', CONFIG, '--work-dir', folder, *_options(tiny_world)
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return folder


def test_the_whole_path_works_without_compiled_operators(
    trained, tiny_world, run_tool, tmp_path
):
    out = tmp_path / 'predictions.json'
    result = run_tool(
        trained / 'block.py', 'tools/test.py', CONFIG, trained / 'epoch_1.pth',
        '--work-dir', tmp_path, '--out', out, *_options(tiny_world),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    videos = json.loads(out.read_text())['videos']
    assert [video['video_id'] for video in videos] == ['test_0', 'test_1']
    assert 'scene_graph/R@20' in result.stdout + result.stderr


def test_predictions_are_written_by_the_first_of_several_metrics(repository):
    apply_args = runpy.run_path(str(repository / 'tools/test.py'))['apply_args']
    metrics = [dict(type='SceneGraphMetric'), dict(type='StageRecallMetric')]
    for evaluator in (metrics, metrics[0]):
        config = Config(dict(test_evaluator=evaluator))
        args = Namespace(checkpoint='none', tta=False, out='o.json', show=False)
        apply_args(config, Namespace(**vars(args), show_dir=None))
        found = config.test_evaluator
        first, *others = found if isinstance(found, list) else [found]
        assert first.outfile == 'o.json'
        assert all('outfile' not in other for other in others)


def test_a_checkpoint_knows_the_weights_that_it_leaves_out(
    trained, tiny_world, fails, tmp_path
):
    checkpoint = torch.load(trained / 'epoch_1.pth', weights_only=False)
    path = 'checkpoints/tabletop/imagebind_mini.safetensors'
    assert path in checkpoint['weight_files']
    checkpoint['weight_files'][path] = 'another'
    torch.save(checkpoint, tmp_path / 'other.pth')
    fails(
        'tools/test.py', CONFIG, tmp_path / 'other.pth', '--work-dir', tmp_path,
        *_options(tiny_world), says=['other.pth', 'other weights', path],
    )  # fmt: skip


def test_a_checkpoint_of_another_model_is_refused(trained, tiny_world, fails, tmp_path):
    out = tmp_path / 'predictions.json'
    projector = 'model.scene_graph_head.projector'
    other = f'{projector}.hidden_channels=24', f'{projector}.checkpoint=None'
    options = [*_options(tiny_world), *other]
    fails(
        'tools/test.py', CONFIG, trained / 'epoch_1.pth', '--work-dir', tmp_path,
        '--out', out, *options, says=['epoch_1.pth', 'another model'],
    )  # fmt: skip
    assert not out.exists()


@pytest.mark.parametrize('damage', ['missing', 'truncated', 'size', 'annotation'])
def test_bad_data_stops_the_training_with_one_line(tiny_world, fails, tmp_path, damage):
    root = tmp_path / 'psg4d_gta'
    shutil.copytree(tiny_world, root)
    says = []
    for frame in range(24):
        image = root / f'images/train_1/{frame:06d}.bmp'
        mask = root / f'masks/train_1/{frame:06d}.npy'
        if damage == 'missing':
            image.unlink()
            says = ['images/train_1', '.bmp']
        elif damage == 'truncated':
            image.write_bytes(image.read_bytes()[:2000])
            says = ['images/train_1', '.bmp']
        elif damage == 'size':
            np.save(mask, np.load(mask)[:-1])
            says = ['masks/train_1', '144']
    if damage == 'annotation':
        path = root / 'sailvos3d.json'
        content = json.loads(path.read_text())
        content['data'][1]['relations'].append([1, 'on', 2])
        path.write_text(json.dumps(content))
        says = ['sailvos3d.json', 'data[1]', 'relations']
    work = tmp_path / 'work'
    fails('tools/train.py', CONFIG, '--work-dir', work, *_options(root), says=says)
    assert not list(work.glob('*.pth'))


@pytest.mark.skipif(torch.cuda.is_available(), reason='there MMEngine has its own')
def test_mixed_precision_trains_on_a_cpu(tiny_world, run_tool, tmp_path):
    result = run_tool(
        'tools/train.py', CONFIG, '--amp', '--work-dir', tmp_path, *_options(tiny_world)
    )
    assert result.returncode == 0, result.stderr[-3000:]
    config = (tmp_path / 'step1.py').read_text()
    assert "type='Bfloat16OptimWrapper'" in config
    checkpoint = torch.load(tmp_path / 'epoch_1.pth', weights_only=False)
    weights = [
        weight
        for weight in checkpoint['state_dict'].values()
        if weight.is_floating_point()
    ]
    assert {weight.dtype for weight in weights} == {torch.float32}
    assert all(weight.isfinite().all() for weight in weights)


def test_weights_alone_cannot_be_resumed(fails, tiny_world, tmp_path):
    weights = 'checkpoints/tabletop/imagebind_mini.safetensors'
    fails(
        'tools/train.py', CONFIG, '--work-dir', tmp_path, '--resume', weights,
        *_options(tiny_world), says=[weights, 'expected a checkpoint of a training'],
    )  # fmt: skip


def test_a_setting_that_does_not_exist_is_told(fails, tiny_world, tmp_path):
    fails(
        'tools/train.py', CONFIG, '--work-dir', tmp_path, *_options(tiny_world),
        'train_cfg.max_epoch=3',
        says=['step1.py: train_cfg.max_epoch: EpochBasedTrainLoop has no such'],
    )  # fmt: skip


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_weights(tiny_world, run_tool, tmp_path):
    def train(folder, *flags):
        args = ['tools/train.py', CONFIG, '--work-dir', folder, *flags]
        result = run_tool(*args, *_options(tiny_world, epochs=3))
        return result, folder / 'epoch_3.pth'

    result, whole = train(tmp_path / 'whole')
    assert result.returncode == 0, result.stderr[-3000:]
    result, again = train(tmp_path / 'again')
    assert result.returncode == 0, result.stderr[-3000:]

    killer = tmp_path / 'killer.py'
    killer.write_text(
        'import os, runpy, signal, sys\n'
        'import mmfourdpsg\n'
        'from mmfourdpsg.engine import DatasetEpochHook as hook\n'
        'first = hook.before_train_epoch\n'
        'def kill(self, runner):\n'
        '    if runner.epoch == 2:\n'
        '        os.kill(os.getpid(), signal.SIGKILL)\n'
        '    first(self, runner)\n'
        'hook.before_train_epoch = kill\n'
        'sys.argv = sys.argv[1:]\n'
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    folder = tmp_path / 'killed'
    args = ['tools/train.py', CONFIG, '--work-dir', folder]
    result = run_tool(killer, *args, *_options(tiny_world, epochs=3))
    assert result.returncode == -9
    assert not (folder / 'epoch_3.pth').exists()
    result, resumed = train(folder, '--resume')
    assert result.returncode == 0, result.stderr[-3000:]

    states = [
        torch.load(path, weights_only=True)['state_dict']
        for path in (whole, again, resumed)
    ]
    for key, value in states[0].items():
        assert torch.equal(value, states[1][key]), f'two runs differ in {key}'
        assert torch.equal(value, states[2][key]), f'the resumed run differs in {key}'
