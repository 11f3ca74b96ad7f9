"""Training in bfloat16, on any device."""

import pytest
import torch
from mmengine.optim import build_optim_wrapper

import mmfourdpsg  # noqa: F401  (registers everything)

WRAPPER = 'mmdet.Bfloat16OptimWrapper'


def train(kind, steps=1, accumulative_counts=1, **options):
    """Return a linear model after some steps, and what the last forward pass gave."""
    generator = torch.Generator().manual_seed(0)
    model = torch.nn.Linear(64, 8)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
    wrapper = build_optim_wrapper(
        model,
        dict(
            type=kind,
            optimizer=dict(type='SGD', lr=0.1),
            accumulative_counts=accumulative_counts,
            **options,
        ),
    )
    wrapper.initialize_count_status(model, 0, steps)
    output = None
    for _ in range(steps):
        inputs = torch.randn(4, 64, generator=generator)
        with wrapper.optim_context(model):
            output = model(inputs)
        wrapper.update_params(output.float().square().mean())
    return model, output


def test_the_forward_pass_is_in_bfloat16_and_the_weights_are_not():
    model, output = train(WRAPPER)
    assert output.dtype == torch.bfloat16
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    # Outside of the context nothing is changed.
    assert model(torch.zeros(1, 64)).dtype == torch.float32


@pytest.mark.parametrize(('fast', 'dtype'), [(True, 'bfloat16'), (False, 'float32')])
def test_where_it_would_be_slow_it_may_be_left_out(monkeypatch, fast, dtype):
    for name in ('_is_avx512_bf16_supported', '_is_amx_tile_supported'):
        monkeypatch.setattr(torch.cpu, name, lambda: fast, raising=False)
    _, output = train(WRAPPER, only_where_fast=True)
    assert output.dtype == getattr(torch, dtype)
    assert train(WRAPPER)[1].dtype == torch.bfloat16


def test_steps_are_those_of_float32_up_to_rounding():
    initial, _ = train(WRAPPER, steps=0)
    exact, _ = train('OptimWrapper', steps=3)
    rounded, _ = train(WRAPPER, steps=3)
    moved = (exact.weight - initial.weight).norm()
    off = (exact.weight - rounded.weight).norm()
    assert moved > 0
    # Eight bits of mantissa.
    assert 0 < off < 0.02 * moved


def test_gradients_accumulate_as_in_float32():
    exact, _ = train('OptimWrapper', steps=4, accumulative_counts=2)
    rounded, _ = train(WRAPPER, steps=4, accumulative_counts=2)
    plain, _ = train(WRAPPER, steps=4)
    assert torch.allclose(exact.weight, rounded.weight, atol=0.05)
    assert not torch.allclose(plain.weight, rounded.weight, atol=0.05)
