from types import SimpleNamespace

import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.model import BaseModel, MMDistributedDataParallel

from mmfourdpsg.engine.hooks import WeightFilesHook


class PartsModel(BaseModel):
    held_parts = ('held',)

    def __init__(self):
        super().__init__()
        self.held, self.other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return inputs


@pytest.fixture
def runner(tmp_path):
    """A runner whose model begins with a file a part."""
    names = ('held', 'other')
    for name in names:
        (tmp_path / f'{name}.pth').write_bytes(name.encode())
    parts = {name: dict(checkpoint=str(tmp_path / f'{name}.pth')) for name in names}
    return SimpleNamespace(cfg=ConfigDict(model=parts), model=PartsModel())


def noted(runner, checkpoint):
    WeightFilesHook().before_save_checkpoint(runner, checkpoint)
    return sorted(path.rpartition('/')[2] for path in checkpoint['weight_files'])


def test_what_a_checkpoint_holds_may_change(runner):
    checkpoint = dict(state_dict=runner.model.state_dict())
    assert noted(runner, checkpoint) == ['other.pth']


def test_what_a_checkpoint_leaves_out_is_noted(runner):
    """As one of DeepSpeed, which has no weights beside what hooks add."""
    assert noted(runner, {}) == ['held.pth', 'other.pth']
    checkpoint = dict(state_dict={'other.weight': torch.zeros(1)})
    assert noted(runner, checkpoint) == ['held.pth', 'other.pth']


def test_a_wrapped_model_is_asked_itself(runner):
    checkpoint = dict(state_dict=runner.model.state_dict())
    wrapped = MMDistributedDataParallel.__new__(MMDistributedDataParallel)
    torch.nn.Module.__init__(wrapped)
    wrapped.module = runner.model
    runner.model = wrapped
    assert noted(runner, checkpoint) == ['other.pth']
