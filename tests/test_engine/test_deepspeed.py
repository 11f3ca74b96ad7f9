"""ZeRO on two CPU processes that meet by gloo."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.registry import DATASETS, MODELS
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file

deepspeed = pytest.importorskip('deepspeed')
pytestmark = pytest.mark.slow

CONFIG = 'configs/4dllm/tabletop/step1_lora.py'


@pytest.fixture(scope='module')
def config_of(repository, tiny_world, tmp_path_factory):
    """Return the file of a small config with a stage of ZeRO, or without."""
    folder = tmp_path_factory.mktemp('configs')

    def make(stage, name='', more=''):
        path = folder / f'zero{stage}{name}.py'
        base = [str(repository / CONFIG)]
        zero = ''
        if stage:
            base.append(
                str(repository / 'configs/_base_/strategies' / f'zero{stage}.py')
            )
            zero = "runner_type = 'SceneGraphFlexibleRunner'\n"
        path.write_text(
            f'_base_ = {base!r}\n{zero}'
            f'data_root = {str(tiny_world)!r}\n'
            "env_cfg = dict(dist_cfg=dict(backend='gloo'))\n"
            'train_dataloader = dict(batch_size=1, num_workers=0,\n'
            '    dataset=dict(data_root=data_root))\n'
            'val_dataloader = dict(batch_size=1, num_workers=0,\n'
            '    dataset=dict(data_root=data_root))\n'
            'test_dataloader = val_dataloader\n'
            'train_cfg = dict(max_epochs=2, val_begin=1000)\n'
            # Rates that move weights by far more than rounding in two steps.
            'param_scheduler = []\n'
            'optim_wrapper = dict(optimizer=dict(lr=1e-3))\n'
            'model = dict(tube_decoder=dict(max_train_objects=2))\n'
            f'{more}\n'
        )
        return path

    return make


def launch(repository, config, work_dir, *arguments):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    environment = dict(
        os.environ, PORT=str(port), OMP_NUM_THREADS='1', PYTHON=sys.executable
    )
    command = ['bash', 'tools/dist_train.sh', config, '2', '--work-dir', work_dir]
    done = subprocess.run(
        [*map(str, command), *arguments],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def to_plain(repository, checkpoint, out):
    tool = 'tools/model_converters/deepspeed_to_plain.py'
    command = [sys.executable, tool, str(checkpoint), str(out)]
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return load_checkpoint_file(out)['state_dict']


def assert_same(found, expected):
    """Compare weights, up to those without a gradient.

    The bias of an attention's keys has none, and of its rounding errors Adam makes
    steps of full length.
    """
    assert set(found) == set(expected)
    count = sum(value.numel() for value in expected.values())
    off = sum(
        int(((found[key] - value).abs() > 1e-5).sum())
        for key, value in expected.items()
    )
    assert off < 0.005 * count, f'{off} of {count} weights differ'


@pytest.fixture(scope='module')
def trained(repository, config_of, tmp_path_factory):
    """Return the folder of two epochs with each stage, 0 being plain data-parallel."""
    folders = {}
    for stage in (0, 1, 2, 3):
        folders[stage] = tmp_path_factory.mktemp(f'zero{stage}')
        launch(repository, config_of(stage), folders[stage])
    return folders


@pytest.fixture(scope='module')
def plain(repository, trained, tmp_path_factory):
    """Return the plain checkpoints of both epochs, by stage."""
    out = tmp_path_factory.mktemp('plain')
    files = {0: [trained[0] / f'epoch_{epoch}.pth' for epoch in (1, 2)]}
    for stage in (1, 2, 3):
        files[stage] = [out / f'{stage}_{epoch}.pth' for epoch in (1, 2)]
        for epoch, path in enumerate(files[stage], 1):
            to_plain(repository, trained[stage] / f'epoch_{epoch}.pth', path)
    return files


@pytest.fixture
def model(config_of):
    """The model as it begins."""
    init_default_scope('mmdet')
    config = Config.fromfile(config_of(0))
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    model.init_weights()
    return model.eval()


@pytest.mark.parametrize('stage', [1, 2, 3])
def test_all_stages_learn_what_a_plain_training_learns(plain, model, stage):
    first, second = (load_checkpoint_file(path)['state_dict'] for path in plain[stage])
    check_state_dict(second, model, 'zero')
    assert_same(second, load_checkpoint_file(plain[0][1])['state_dict'])
    adapters = [key for key in second if 'lora_B' in key]
    assert adapters
    for key in adapters:
        # They begin as 0; Adam's first step is as long as the rate.
        assert 0 < first[key].abs().max() < second[key].abs().max()


@pytest.mark.parametrize('stage', [0, 1, 2, 3])
def test_each_part_learns_at_its_own_rate(plain, config_of, model, stage):
    """Adam's first step is as long as the rate, whatever the gradient."""
    config = Config.fromfile(config_of(0)).optim_wrapper
    (mult,) = (row.lr_mult for row in config.paramwise_cfg.custom_keys.values())
    state = load_checkpoint_file(plain[stage][0])['state_dict']
    before = model.state_dict()

    def step(suffix, part):
        keys = [key for key in state if part in key and key.endswith(suffix)]
        return max(float((state[key] - before[key]).abs().max()) for key in keys)

    rate = config.optimizer.lr
    # Neither begins with a value that decays.
    assert step('lora_B.default.weight', 'language_model') == pytest.approx(
        rate * mult, rel=0.01
    )
    assert step('.bias', 'projector') == pytest.approx(rate, rel=0.01)


def test_converted_checkpoints_give_equal_losses(plain, config_of, model):
    config = Config.fromfile(config_of(0))
    dataset = DATASETS.build(config.val_dataloader.dataset)
    batch = model.data_preprocessor(pseudo_collate([dataset[0]]))
    losses = {}
    for stage, (_, path) in plain.items():
        content = load_checkpoint_file(path)
        assert content['weight_files']
        missing = model.load_state_dict(content['state_dict'], strict=False)
        assert not missing.unexpected_keys
        with torch.no_grad():
            losses[stage] = {
                k: float(v) for k, v in model(**batch, mode='loss').items()
            }
    for stage in (1, 2, 3):
        assert losses[stage] == pytest.approx(losses[0], rel=1e-3, abs=1e-5)


LANGUAGE = 'language_model=dict(gradient_checkpointing=True'
AGAIN = {
    # Both parts, as in the full recipe.
    2: f'tube_decoder=dict(max_train_objects=2, gradient_checkpointing=True), '
    f'scene_graph_head=dict({LANGUAGE}))',
    # As step1_psg4d-gta_zero3.py has it.
    3: 'tube_decoder=dict(max_train_objects=2), '
    f'scene_graph_head=dict({LANGUAGE}, reentrant_checkpointing=True))',
}


@pytest.mark.parametrize('stage', AGAIN)
def test_computing_again_for_gradients_learns_the_same(
    repository, config_of, plain, tmp_path, stage
):
    config = config_of(stage, 'again', f'model = dict({AGAIN[stage]})\n')
    launch(repository, config, tmp_path / 'work')
    found = to_plain(repository, tmp_path / 'work/epoch_2.pth', tmp_path / 'plain.pth')
    assert_same(found, load_checkpoint_file(plain[stage][1])['state_dict'])


def test_bfloat16_goes_with_a_schedule_and_a_checkpoint_to_begin_with(
    repository, plain, config_of, tmp_path
):
    begin = plain[1][0]
    config = config_of(
        2,
        'bfloat16',
        "optim_wrapper['type'] = 'Bfloat16OptimWrapper'\n"
        'param_scheduler = [dict(type="LinearLR", start_factor=0.5, by_epoch=False,'
        ' begin=0, end=2)]\n'
        f'load_from = {str(begin)!r}\n'
        "train_cfg['max_epochs'] = 1\n",
    )
    launch(repository, config, tmp_path / 'work', '--auto-scale-lr')
    found = to_plain(repository, tmp_path / 'work/epoch_1.pth', tmp_path / 'plain.pth')
    before = load_checkpoint_file(begin)['state_dict']
    (mult,) = (
        row.lr_mult
        for row in Config.fromfile(
            config
        ).optim_wrapper.paramwise_cfg.custom_keys.values()
    )
    # Half the rate, as the schedule begins, and of that half, since batches are half of
    # what the recipe is for. Weights decay, too.
    rate = 1e-3 * 0.5 * 0.5
    for suffix, part, expected in (
        ('lora_B.default.weight', 'language_model', rate * mult),
        ('.bias', 'projector', rate),
    ):
        keys = [key for key in found if part in key and key.endswith(suffix)]
        step = max(float((found[key] - before[key]).abs().max()) for key in keys)
        assert step == pytest.approx(expected, rel=0.02)


def test_lora_and_new_token_rows_are_what_is_saved(repository, trained, tmp_path):
    state = to_plain(repository, trained[2] / 'epoch_2.pth', tmp_path / 'plain.pth')
    language = [key for key in state if 'language_model' in key]
    assert any('lora_A' in key for key in language)
    rest = [key for key in language if 'lora_' not in key]
    assert rest
    assert all(key.endswith('.rows') for key in rest)
    assert not any('encoder.rgb_encoder' in key for key in state)


@pytest.mark.parametrize('stage', [1, 2, 3])
def test_a_stopped_training_goes_on(repository, trained, config_of, tmp_path, stage):
    shutil.copytree(trained[stage] / 'epoch_1.pth', tmp_path / 'work/epoch_1.pth')
    (tmp_path / 'work/last_checkpoint').write_text(str(tmp_path / 'work/epoch_1.pth'))
    launch(repository, config_of(stage), tmp_path / 'work', '--resume', 'auto')
    found, expected = (
        to_plain(repository, folder / 'epoch_2.pth', tmp_path / f'{name}.pth')
        for name, folder in (('found', tmp_path / 'work'), ('whole', trained[stage]))
    )
    assert_same(found, expected)
