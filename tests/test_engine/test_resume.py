"""A stopped run that is resumed ends with the weights of one that was not."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.hooks import Hook
from mmengine.model import BaseModel

from mmfourdpsg.engine import SceneGraphRunner
from mmfourdpsg.registry import DATASETS, MODELS


@MODELS.register_module()
class _NoisyModel(BaseModel):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        value = torch.nn.functional.dropout(torch.stack(inputs), 0.5)
        value = self.linear(value)
        return dict(loss=(value**2).mean() + torch.rand(()) * value.mean())


@DATASETS.register_module()
class _NoisyDataset(BaseDataset):
    epoch = 0
    seed = 0

    def load_data_list(self):
        return [dict(value=float(i)) for i in range(8)]

    def prepare_data(self, idx):
        rng = np.random.default_rng((self.seed, self.epoch, idx))
        return dict(inputs=torch.tensor(rng.normal(size=4) + idx, dtype=torch.float))


class _Killed(Exception):
    pass


class _KillHook(Hook):
    def before_train_epoch(self, runner):
        if runner.epoch == 2:
            raise _Killed


def _config(work_dir, epochs, **more):
    return Config(
        dict(
            default_scope='mmdet',
            work_dir=str(work_dir),
            model=dict(type='_NoisyModel'),
            train_dataloader=dict(
                batch_size=2,
                num_workers=1,
                sampler=dict(type='DefaultSampler', shuffle=True),
                dataset=dict(type='_NoisyDataset'),
            ),
            train_cfg=dict(by_epoch=True, max_epochs=epochs),
            optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.1)),
            param_scheduler=dict(type='CosineAnnealingLR', T_max=4, by_epoch=True),
            default_hooks=dict(checkpoint=dict(type='CheckpointHook', interval=1)),
            custom_hooks=[
                dict(type='DatasetEpochHook', priority='VERY_HIGH'),
                dict(type='RandomStateHook', priority='VERY_HIGH'),
            ],
            randomness=dict(seed=3),
            log_level='ERROR',
            experiment_name=f'{work_dir.name}-{more}',
            **more,
        )
    )


def _weights(runner):
    return {key: value.clone() for key, value in runner.model.state_dict().items()}


def test_resume_gives_the_weights_of_an_uninterrupted_run(tmp_path):
    whole = SceneGraphRunner.from_cfg(_config(tmp_path / 'whole', 4))
    whole.train()

    killed = SceneGraphRunner.from_cfg(_config(tmp_path / 'killed', 4))
    killed.register_hook(_KillHook())
    with pytest.raises(_Killed):
        killed.train()
    # Numbers sampled between the runs must not matter.
    torch.rand(7), np.random.rand(3)
    resumed = SceneGraphRunner.from_cfg(_config(tmp_path / 'killed', 4, resume=True))
    resumed.train()

    expected = _weights(whole)
    for key, value in _weights(resumed).items():
        assert torch.equal(value, expected[key]), key


def test_two_runs_with_one_seed_agree_and_another_seed_differs(tmp_path):
    weights = []
    for name, seed in (('a', 3), ('b', 3), ('c', 4)):
        config = _config(tmp_path / name, 2)
        config.randomness.seed = seed
        runner = SceneGraphRunner.from_cfg(config)
        runner.train()
        weights.append(_weights(runner)['linear.weight'])
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_checkpoints_load_without_an_allow_list_of_ones_own(tmp_path):
    config = _config(tmp_path / 'run', 1)
    config.default_hooks.logger = dict(type='LoggerHook', interval=1)
    SceneGraphRunner.from_cfg(config).train()
    checkpoint = torch.load(tmp_path / 'run/epoch_1.pth', weights_only=True)
    assert type(checkpoint['message_hub']['runtime_info']['eta']) is float
    assert checkpoint['state_dict'].keys() == {'linear.weight', 'linear.bias'}
