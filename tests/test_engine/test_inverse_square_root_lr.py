"""The schedule against its formula, by hand."""

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.optim.scheduler import LinearLR

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.registry import PARAM_SCHEDULERS


@pytest.fixture
def wrapper():
    model = torch.nn.Linear(2, 2)
    return build_optim_wrapper(
        model,
        dict(
            type='OptimWrapper',
            optimizer=dict(type='SGD', lr=0.2),
            paramwise_cfg=dict(bias_lr_mult=0.1),
        ),
    )


def rates(wrapper, schedulers, steps):
    result = []
    for _ in range(steps):
        result.append([group['lr'] for group in wrapper.param_groups])
        wrapper.step()
        for scheduler in schedulers:
            scheduler.step()
    return result


def test_after_a_linear_warm_up_it_is_the_transformer_s_schedule(wrapper):
    warm_up = 4
    schedulers = [
        LinearLR(wrapper, start_factor=0.25, begin=0, end=warm_up, by_epoch=False),
        PARAM_SCHEDULERS.build(
            dict(type='InverseSquareRootLR', timescale=warm_up, begin=warm_up),
            default_args=dict(optimizer=wrapper),
        ),
    ]
    found = rates(wrapper, schedulers, 17)
    # Weight and bias keep their ratio.
    peaks = [group['initial_lr'] for group in wrapper.param_groups]
    assert {round(peak, 6) for peak in peaks} == {0.02, 0.2}
    for step in range(warm_up, 17):
        expected = [peak * (warm_up / step) ** 0.5 for peak in peaks]
        assert found[step] == pytest.approx(expected)


def test_a_resumed_schedule_goes_on(wrapper):
    scheduler = PARAM_SCHEDULERS.build(
        dict(type='InverseSquareRootLR', timescale=3),
        default_args=dict(optimizer=wrapper),
    )
    whole = rates(wrapper, [scheduler], 6)
    state = scheduler.state_dict()
    for group, rate in zip(wrapper.param_groups, whole[0], strict=True):
        group['lr'] = rate * (3 / 9) ** 0.5
    resumed = PARAM_SCHEDULERS.build(
        dict(type='InverseSquareRootLR', timescale=3),
        default_args=dict(optimizer=wrapper),
    )
    resumed.load_state_dict(state)
    later = rates(wrapper, [resumed], 2)
    assert later[1] == pytest.approx([rate * (3 / 10) ** 0.5 for rate in whole[0]])


def test_a_timescale_that_is_not_positive_is_refused(wrapper):
    with pytest.raises(ValueError, match='timescale is 0'):
        PARAM_SCHEDULERS.build(
            dict(type='InverseSquareRootLR', timescale=0),
            default_args=dict(optimizer=wrapper),
        )
