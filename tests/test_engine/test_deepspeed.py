"""ZeRO on two CPU processes that meet by gloo."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file

deepspeed = pytest.importorskip('deepspeed')
pytestmark = pytest.mark.slow

CONFIG = 'configs/4dllm/tabletop/step1_lora.py'


@pytest.fixture(scope='module')
def config_of(repository, tiny_world, tmp_path_factory):
    """Return the file of a small config with a stage of ZeRO, or without."""
    folder = tmp_path_factory.mktemp('configs')

    def make(stage):
        path = folder / f'zero{stage}.py'
        base = [str(repository / CONFIG)]
        zero = ''
        if stage:
            base.append(str(repository / 'configs/_base_/strategies/zero.py'))
            zero = (
                "runner_type = 'SceneGraphFlexibleRunner'\n"
                f'strategy = _base_.zero{stage}\n'
            )
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
            # A rate that moves weights in two steps.
            'param_scheduler = []\n'
            'model = dict(tube_decoder=dict(max_train_objects=2))\n'
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
    """Return the folder of two epochs with each stage."""
    folders = {}
    for stage in (1, 2, 3):
        folders[stage] = tmp_path_factory.mktemp(f'zero{stage}')
        launch(repository, config_of(stage), folders[stage])
    return folders


def test_all_stages_learn_the_same(repository, trained, config_of, tmp_path):
    states = {
        stage: to_plain(repository, folder / 'epoch_2.pth', tmp_path / f'{stage}.pth')
        for stage, folder in trained.items()
    }
    init_default_scope('mmdet')
    model = MODELS.build(Config.fromfile(config_of(0)).model)
    check_state_dict(states[1], model, 'zero')
    for stage in (2, 3):
        assert_same(states[stage], states[1])


def test_lora_and_new_token_rows_are_what_is_saved(repository, trained, tmp_path):
    state = to_plain(repository, trained[2] / 'epoch_2.pth', tmp_path / 'plain.pth')
    language = [key for key in state if 'language_model' in key]
    assert any('lora_A' in key for key in language)
    rest = [key for key in language if 'lora_' not in key]
    assert rest
    assert all(key.endswith('.rows') for key in rest)
    assert not any('encoder.rgb_encoder' in key for key in state)


def test_both_learning_rates_survive(trained, config_of):
    config = Config.fromfile(config_of(2))
    base = config.optim_wrapper.optimizer.lr
    (mult,) = (
        row.lr_mult for row in config.optim_wrapper.paramwise_cfg.custom_keys.values()
    )
    for folder in trained.values():
        part = torch.load(
            next((folder / 'epoch_2.pth').glob('*_rank_0_*optim_states.pt')),
            weights_only=False,
            map_location='cpu',
        )['optimizer_state_dict']
        groups = part.get('base_optimizer_state', part.get('optimizer_state_dict'))
        groups = groups['param_groups'] if isinstance(groups, dict) else groups
        rates = {group['lr'] for group in groups}
        assert sorted(rates) == pytest.approx([base * mult, base])


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
