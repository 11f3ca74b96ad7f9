import pytest
import torch
from mmengine.registry import PARAM_SCHEDULERS

from mmfourdpsg.engine.optimizers.told_schedules import told_schedules
from mmfourdpsg.utils import InputError


def test_a_schedule_that_begins_after_the_end_is_told():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    config = dict(
        type='CosineAnnealingLR',
        optimizer=optimizer,
        by_epoch=False,
        begin=500,
        end=400,
    )
    says = 'end should be larger.*fewer warm-up steps'
    with pytest.raises(InputError, match=says), told_schedules():
        PARAM_SCHEDULERS.build(config)
