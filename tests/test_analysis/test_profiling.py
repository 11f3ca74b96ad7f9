"""Times and operations by hand-made models."""

import time
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.autograd import DeviceType
from torch.multiprocessing.reductions import StorageWeakRef
from torch.profiler import profile, record_function
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from mmfourdpsg.analysis.profiling import count_operations, part_times, whole_time
from mmfourdpsg.analysis.profiling.operation_counter import ATTENTION
from mmfourdpsg.analysis.profiling.step_comparison import compare_steps


class Sleeper(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, forward, backward):
        ctx.backward_seconds = backward
        time.sleep(forward)
        return x * 1

    @staticmethod
    def backward(ctx, gradient):
        time.sleep(ctx.backward_seconds)
        return gradient, None, None


def test_forward_and_backward_are_told_apart_and_by_part():
    x = torch.ones(3, requires_grad=True)
    with profile() as profiler:
        with record_function('encoder'):
            y = Sleeper.apply(x, 0.02, 0.08)
            with record_function('decoder'):
                y = Sleeper.apply(y, 0.05, 0.0)
        Sleeper.apply(y, 0.03, 0.2).sum().backward()
    events = profiler.events()
    times = part_times(events, ('encoder', 'decoder', 'absent'))
    both = part_times(events, ('encoder',))['encoder']
    # No bounds from above: a machine may be slow. But nothing may be counted twice.
    assert times['encoder'].forward >= 0.02
    assert times['encoder'].backward >= 0.08 > times['absent'].backward == 0
    assert times['decoder'].forward >= 0.05
    assert 0 < times['decoder'].backward < times['encoder'].backward
    # What is in no part counts for none: it sleeps longer than all of them.
    backward = [
        e for e in events if 'SleeperBackward' in e.name and 'evaluate' in e.name
    ]
    assert len(backward) == 3
    assert both.backward <= sum(e.cpu_time_total for e in backward) / 1e6 - 0.2
    for one, other, whole in zip(times['encoder'], times['decoder'], both, strict=True):
        assert one + other == pytest.approx(whole)


def an_event(name, microseconds, parent=None, device_type=DeviceType.CPU, late=False):
    return SimpleNamespace(
        name=name,
        cpu_parent=parent,
        is_async=late,
        device_type=device_type,
        cpu_time_total=microseconds,
        device_time_total=microseconds,
    )


def test_the_whole_has_what_a_thread_of_its_own_begins_on_the_accelerator():
    step = an_event('step', 3e6)
    events = [
        step,
        an_event('linear', 3e6, step),
        # The backward pass of an accelerator, beside the step.
        an_event('gradient', 4e6),
        an_event('copy', 9e6, late=True),
        an_event('step', 3e6, device_type=DeviceType.CUDA),
    ]
    assert whole_time(events, 'step') == 3
    assert whole_time(events, 'step', on_device=True) == 7
    with pytest.raises(ValueError, match="no time within 'other'"):
        whole_time(events, 'other')


class Stack(nn.Module):
    def __init__(self, checkpointed: bool) -> None:
        super().__init__()
        self.first = nn.Linear(16, 16)
        self.rest = nn.Sequential(*[nn.Linear(16, 16) for _ in range(4)])
        self.checkpointed = checkpointed

    def forward(self, x):
        x = self.first(x)
        if self.checkpointed:
            x = checkpoint(self.rest, x, use_reentrant=False)
        else:
            x = self.rest(x)
        return x.sum()


@pytest.mark.parametrize('checkpointed', [False, True])
def test_recomputed_operations_are_no_model_operations(checkpointed):
    model = Stack(checkpointed)
    x = torch.randn(8, 16)
    counted = count_operations(model, lambda: model(x).backward())
    product = 2 * 8 * 16 * 16
    # Five layers forward, five gradients of weights, four of inputs.
    assert counted.model == 14 * product
    # The output of the last layer is not needed again.
    assert counted.recomputed == (3 * product if checkpointed else 0)
    assert counted.total == counted.model + counted.recomputed
    # The hooks are gone.
    assert not model._forward_hooks and not model.first._forward_pre_hooks


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return nn.functional.scaled_dot_product_attention(x * self.scale, x, x).sum()


def test_fused_attention_is_counted():
    batch, heads, length, channels = 2, 3, 10, 8
    model = Attention()
    x = torch.randn(batch, heads, length, channels)
    counted = count_operations(model, lambda: model(x).backward())
    product = 2 * batch * heads * length * length * channels
    # Forward two products; backward five, for it does the first of them again.
    assert counted.total == 7 * product


@pytest.mark.parametrize('mode', [torch.no_grad, torch.inference_mode])
def test_frozen_layers_are_counted(mode):
    model = nn.Linear(16, 4)

    def step():
        with mode():
            model(torch.ones(8, 16))

    assert count_operations(model, step).total == 2 * 8 * 16 * 4


def test_counts_are_those_of_pytorch_s_counter():
    model = nn.Sequential(
        nn.Conv2d(3, 6, 3, groups=3),
        nn.GELU(),
        nn.Flatten(2),
        nn.TransformerEncoderLayer(36, 4, 8, batch_first=True),
    )
    x = torch.randn(2, 3, 8, 8)

    def step():
        model(x).sum().backward()

    with FlopCounterMode(display=False, custom_mapping=ATTENTION) as reference:
        step()
    assert count_operations(model, step).total == reference.get_total_flops() > 0


def test_what_checkpointing_frees_is_free_while_operations_are_counted():
    kept = []

    class Activation(nn.Module):
        def forward(self, x):
            hidden = x.exp()
            kept.append(StorageWeakRef(hidden.untyped_storage()))
            return hidden.sin()

    model = nn.Sequential(nn.Linear(8, 8), Activation(), nn.Linear(8, 8))
    alive = []

    def step():
        checkpoint(model, torch.ones(2, 8), use_reentrant=False).sum().backward()
        alive.extend(not reference.expired() for reference in kept)

    count_operations(model, step)
    # PyTorch's own counter keeps the second.
    assert alive == [False, False]


def test_steps_of_two_trainings_take_turns(monkeypatch):
    clock = iter(range(10**6))
    order = []

    def step(name, seconds):
        def run(batch):
            order.append((name, batch))
            for _ in range(seconds - 1):
                next(clock)

        return run

    monkeypatch.setattr('time.perf_counter', lambda: float(next(clock)))
    batches = [[1, 2, 3, 4], [5, 6, 7, 8]]
    found = compare_steps([step('a', 2), step('b', 6)], batches, warm_up=1)
    assert order == [
        ('a', 1), ('b', 5), ('b', 6), ('a', 2), ('a', 3), ('b', 7), ('b', 8), ('a', 4)
    ]  # fmt: skip
    assert found.seconds == [2.0] * 3 and found.other_seconds == [6.0] * 3
    assert found.summary() == dict(
        step_seconds=2.0,
        against_step_seconds=6.0,
        ratio=3.0,
        ratio_quartiles=[3.0, 3.0],
    )
