import pytest
import torch

from mmfourdpsg.models.transcending import TemporalEstimator
from mmfourdpsg.registry import MODELS

GRID, CHANNELS, FRAMES = (2, 3), 10, 5


@pytest.fixture
def estimator():
    """An estimator whose every weight matters."""
    torch.manual_seed(0)
    model = TemporalEstimator(
        CHANNELS, GRID, embed_dims=16, num_layers=3, num_heads=4, max_frames=8
    )
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.double()


@pytest.fixture
def features():
    torch.manual_seed(1)
    return torch.randn(2, FRAMES, *GRID, CHANNELS, dtype=torch.float64)


@pytest.mark.parametrize('changed', range(FRAMES))
def test_no_frame_sees_a_later_one(estimator, features, changed):
    before = estimator(features)
    features[:, changed] += torch.randn_like(features[:, changed])
    after = estimator(features)
    # Place j tells frame j + 1: it may see the frames up to j.
    assert torch.equal(before[:, :changed], after[:, :changed])
    for place in range(changed, FRAMES):
        assert (before[:, place] - after[:, place]).abs().max() > 1e-3


def test_patches_of_a_frame_see_each_other_and_frame_0(estimator, features):
    features.requires_grad_()
    estimator(features)[0, 3, 0, 0, 0].backward()
    seen = features.grad[0].abs().sum(dim=-1) > 0  # [T, gh, gw]
    assert seen[:4].all()
    assert not seen[4:].any()
    assert not features.grad[1].any()


def test_rollout_agrees_with_teacher_forcing_on_the_same_prefix(estimator, features):
    rolled = estimator.roll_out(features[:, :2], 3)
    assert rolled.shape == (2, 3, *GRID, CHANNELS)
    prefix = torch.cat([features[:, :2], rolled[:, :2]], dim=1)
    torch.testing.assert_close(estimator(prefix)[:, 1:], rolled)


def test_the_cache_changes_nothing(estimator, features):
    """Recompute everything at each step, without a cache."""
    frames = features[:, :1]
    for _ in range(4):
        frames = torch.cat([frames, estimator(frames)[:, -1:]], dim=1)
    torch.testing.assert_close(estimator.roll_out(features[:, :1], 4), frames[:, 1:])


def test_small_changes_add_up_in_half_precision(estimator, features):
    """A change of 0.1 percent is less than bfloat16 tells from nothing."""
    estimator = estimator.float()
    with torch.no_grad():
        estimator.output_projection.weight.zero_()
        estimator.output_projection.bias.fill_(0.001)
        ones = torch.ones_like(features[:, :1]).bfloat16()
        with torch.autocast('cpu', torch.bfloat16):
            rolled = estimator.roll_out(ones, 3)
    assert rolled.dtype == torch.float32
    means = rolled.mean(dim=(0, 2, 3, 4))
    torch.testing.assert_close(
        means, torch.tensor([1.001, 1.002, 1.003]), atol=1e-5, rtol=0
    )


def test_a_model_in_half_precision_rolls_out(estimator, features):
    rolled = estimator.bfloat16().roll_out(features[:, :2].bfloat16(), 3)
    assert rolled.shape == (2, 3, *GRID, CHANNELS)
    assert rolled.dtype == torch.float32
    assert rolled.isfinite().all()


def test_gradients_flow_through_the_rollout(estimator, features):
    first = features[:, :1].requires_grad_()
    parameters = [first, *estimator.parameters()]
    target = torch.randn_like(features[:, :1])

    def gradients(last):
        loss = (last * target).sum()
        return torch.autograd.grad(loss, parameters, allow_unused=True)

    found = gradients(estimator.roll_out(first, 3)[:, -1:])
    frames = first
    for _ in range(3):
        frames = torch.cat([frames, estimator(frames)[:, -1:]], dim=1)
    for one, other in zip(found, gradients(frames[:, -1:]), strict=True):
        torch.testing.assert_close(one, other)
    assert found[0].abs().max() > 1e-3
    # The step before the last matters: without it the gradient is another one.
    detached = estimator(
        torch.cat([first, estimator.roll_out(first, 2).detach()], dim=1)
    )
    assert not torch.allclose(gradients(detached[:, -1:])[0], found[0])


def test_the_estimator_begins_by_changing_nothing(features):
    model = TemporalEstimator(CHANNELS, GRID, 16, 2, 4).double()
    assert torch.equal(model(features), features)
    rolled = model.roll_out(features[:, :1], 3)
    assert torch.equal(rolled, features[:, :1].expand_as(rolled))


def test_core_is_taken_over_and_projections_are_not(estimator):
    depth = TemporalEstimator(6, GRID, 16, 3, 4, max_frames=8).double()
    before = depth.input_projection.weight.clone()
    depth.init_core_from(estimator)
    for name, value in estimator.core.state_dict().items():
        assert torch.equal(depth.core.state_dict()[name], value)
    assert torch.equal(depth.input_projection.weight, before)
    estimator.core.time_embedding.data.zero_()
    assert depth.core.time_embedding.any()


def test_too_many_frames_are_refused(estimator, features):
    with pytest.raises(ValueError, match='there are 9 frames, expected at most 8'):
        estimator(torch.cat([features, features[:, :4]], dim=1))
    with pytest.raises(ValueError, match='there are 9 frames'):
        estimator.roll_out(features, 5)
    # The last frame that is predicted is not read.
    assert estimator.roll_out(features, 4).shape[1] == 4
    assert estimator.roll_out(features, 0).shape[1] == 0


def test_the_estimator_is_built_from_a_config():
    config = dict(type='TemporalEstimator', in_channels=1280, grid_size=(16, 16))
    model = MODELS.build(config)
    layers = model.core.transformer.layers
    assert (len(layers), layers[0].attention.num_heads) == (6, 8)
    assert layers[0].attention.qkv.in_features == 512
