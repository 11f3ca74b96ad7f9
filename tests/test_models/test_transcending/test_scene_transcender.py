import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import MODELS as ROOT
from mmengine.registry import DefaultScope, Registry
from torch import nn

from mmfourdpsg.models.losses import FeatureRegressionLoss
from mmfourdpsg.models.scene_encoders import FrameFeatures
from mmfourdpsg.models.transcending import DepthEstimator
from mmfourdpsg.models.transcending.scene_transcender import ESTIMATORS
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError

GRID, RGB, DEPTH, FRAMES = (2, 3), 8, 6, 4


def rho(estimated, gold):
    """Transcribed: smooth L1 plus one minus cosine, patch by patch."""
    total, count = 0.0, 0
    rows = (features.reshape(-1, gold.shape[-1]) for features in (estimated, gold))
    for a, b in zip(*rows, strict=True):
        mean, scale = b.mean(), (b.var(unbiased=False) + 1e-5).sqrt()
        a, b = (a - mean) / scale, (b - mean) / scale
        gap = (a - b).abs()
        smooth = torch.where(gap < 1, gap**2 / 2, gap - 0.5).mean()
        total += smooth + 1 - a @ b / (a.norm() * b.norm())
        count += 1
    return total / count


@pytest.fixture
def transcender():
    torch.manual_seed(0)
    core = dict(type='TemporalEstimator', embed_dims=16, num_layers=2, num_heads=4)
    model = MODELS.build(
        dict(
            type='SceneTranscender',
            rgb_channels=RGB,
            depth_channels=DEPTH,
            grid_size=GRID,
            depth_estimator=dict(type='DepthEstimator'),
            rgb_temporal_estimator=core,
            depth_temporal_estimator=core,
            rollout_steps=2,
        )
    )
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model


@pytest.fixture
def scene():
    torch.manual_seed(1)
    return torch.randn(2, FRAMES, *GRID, RGB), torch.randn(2, FRAMES, *GRID, DEPTH)


def everywhere():
    return torch.ones(2, FRAMES, dtype=torch.bool)


def test_rho_is_as_transcribed(scene):
    _, depth = scene
    other = torch.randn_like(depth) * 3 + 1
    loss = FeatureRegressionLoss()
    torch.testing.assert_close(loss(other, depth), rho(other, depth))
    assert loss(depth, depth).abs() < 1e-6
    # The encoder's scale and offset do not matter, those of the estimate do.
    torch.testing.assert_close(
        loss(7 * other + 2, 7 * depth + 2), loss(other, depth), rtol=1e-4, atol=1e-5
    )
    assert loss(2 * depth, depth) > 0.1
    valid = torch.rand(depth.shape[:-1]) < 0.5
    torch.testing.assert_close(
        loss(other, depth, valid), rho(other[valid], depth[valid])
    )
    assert loss(other, depth, torch.zeros_like(valid)) == 0
    with pytest.raises(ValueError, match='expected'):
        loss(other[:1], depth)


def test_rho_weighs_its_terms(scene):
    _, depth = scene
    other = torch.randn_like(depth)
    parts = [
        FeatureRegressionLoss(*weights)(other, depth) for weights in ((1, 0), (0, 1))
    ]
    both = FeatureRegressionLoss(2, 5)(other, depth)
    torch.testing.assert_close(both, 2 * parts[0] + 5 * parts[1])


def test_depth_estimator_is_two_convolutions(scene):
    rgb, _ = scene
    torch.manual_seed(2)
    model = DepthEstimator(RGB, DEPTH, hidden_channels=5)
    found = model(rgb)
    for b in range(2):
        for t in range(FRAMES):
            image = rgb[b, t].permute(2, 0, 1)[None]
            hidden = F.gelu(
                F.conv2d(image, model.conv.weight, model.conv.bias, padding=1)
            )
            expected = F.conv2d(hidden, model.projector.weight, model.projector.bias)
            torch.testing.assert_close(found[b, t], expected[0].permute(1, 2, 0))


def transcribed(transcender, rgb, depth):
    """Return Eq. 2, 4, 5 and 6 of scenes of which every frame is known."""
    f_de = transcender.depth_estimator
    f_rte, f_dte = (
        transcender.rgb_temporal_estimator,
        transcender.depth_temporal_estimator,
    )

    def temporal(estimator, gold):
        forced = torch.cat(
            [estimator(gold[:, : j + 1])[:, -1:] for j in range(FRAMES - 1)], dim=1
        )
        one = estimator(gold[:, :1])
        two = estimator(torch.cat([gold[:, :1], one], dim=1))[:, -1:]
        rolled = torch.cat([one, two], dim=1)
        return (rho(forced, gold[:, 1:]) + rho(rolled, gold[:, 1:3])) / 2, rolled

    rte, rolled_rgb = temporal(f_rte, rgb)
    dte, _ = temporal(f_dte, depth)
    start = f_de(rgb[:, :1])
    one = f_dte(start)
    rolled_depth = torch.cat([one, f_dte(torch.cat([start, one], dim=1))[:, -1:]], 1)
    return dict(
        loss_de=rho(f_de(rgb), depth),
        loss_rte=rte,
        loss_dte=dte,
        loss_dep_heart=rho(f_de(rolled_rgb), depth[:, 1:3]),
        loss_dep_diamond=rho(rolled_depth, f_de(rolled_rgb)),
    )


def test_losses_are_as_transcribed(transcender, scene):
    rgb, depth = scene
    found = transcender.loss(rgb, depth, everywhere(), everywhere())
    expected = transcribed(transcender, rgb, depth)
    assert list(found) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ('name', 'taught'),
    [
        ('de', {'depth_estimator'}),
        ('rte', {'rgb_temporal_estimator'}),
        ('dte', {'depth_temporal_estimator'}),
        ('dep_heart', {'depth_estimator', 'rgb_temporal_estimator'}),
        ('dep_diamond', set(ESTIMATORS)),
    ],
)
def test_each_loss_teaches_what_its_equation_names(transcender, scene, name, taught):
    rgb, depth = scene
    weights = dict(transcender.named_parameters())
    found = transcender.loss(rgb, depth, everywhere(), everywhere(), names=(name,))
    expected = transcribed(transcender, rgb, depth)[f'loss_{name}']
    gradients = [
        torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        for loss in (found[f'loss_{name}'], expected)
    ]
    reached = set()
    for weight, one, other in zip(weights, *gradients, strict=True):
        assert (one is None) == (other is None), weight
        if one is not None:
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)
            if one.any():
                reached.add(weight.partition('.')[0])
    assert reached == taught


def test_losses_share_what_an_image_was_made_into(transcender, scene):
    rgb, depth = scene
    given = rgb, depth, everywhere(), everywhere()
    frames = FrameFeatures(rgb, depth, everywhere())
    steps, found = [], []
    for name in ('rgb_temporal_estimator', 'depth_temporal_estimator'):
        estimator = getattr(transcender, name)
        estimator.roll_out = counting(estimator.roll_out, name, steps)
    # One with more frames than are compared, one with as many, one with too few.
    for made in (None, 6, 3, 2):
        pseudo = made and transcender.complete(frames, 'image', made)
        steps.clear()
        losses = transcender.loss(*given, pseudo=pseudo)
        transcender.zero_grad()
        sum(losses.values()).backward()
        grads = [p.grad.clone() for p in transcender.parameters()]
        found.append([*losses.values(), *grads])
        # Depth is rolled out from its own frame 0, too.
        assert len(steps) == (1 if made in (6, 3) else 3)
    for others in found[1:]:
        for first, other in zip(found[0], others, strict=True):
            torch.testing.assert_close(other, first, rtol=1e-4, atol=1e-5)


def counting(function, name, calls):
    def counted(*args):
        calls.append(name)
        return function(*args)

    return counted


def test_losses_are_chosen_and_weighted(transcender, scene):
    rgb, depth = scene
    everything = transcender.loss(rgb, depth, everywhere(), everywhere())
    transcender.loss_weights['dte'] = 3.0
    some = transcender.loss(
        rgb, depth, everywhere(), everywhere(), names=('dte', 'dep_diamond')
    )
    assert list(some) == ['loss_dte', 'loss_dep_diamond']
    torch.testing.assert_close(some['loss_dte'], 3 * everything['loss_dte'])


def test_padding_and_unknown_depth_teach_nothing(transcender, scene):
    rgb, depth = scene
    frame_mask, has_depth = everywhere(), everywhere()
    frame_mask[1, 2:] = False
    has_depth[0, 3] = has_depth[1, 1:] = False
    before = transcender.loss(rgb, depth, frame_mask, has_depth)
    other_rgb, other_depth = rgb.clone(), depth.clone()
    other_rgb[~frame_mask] += 5
    other_depth[~has_depth] -= 5
    after = transcender.loss(other_rgb, other_depth, frame_mask, has_depth)
    for name in before:
        torch.testing.assert_close(before[name], after[name])


def test_only_known_frames_are_compared(transcender, scene):
    rgb, depth = scene
    frame_mask, has_depth = everywhere(), everywhere()
    frame_mask[1, 2:] = False
    has_depth[0, 3] = has_depth[1, 1:] = False
    found = transcender.loss(rgb, depth, frame_mask, has_depth)
    f_de, f_rte = transcender.depth_estimator, transcender.rgb_temporal_estimator
    by_rgb = f_de(f_rte.roll_out(rgb[:, :1], 2))
    by_depth = transcender.depth_temporal_estimator.roll_out(f_de(rgb[:, :1]), 2)
    known, real = has_depth[:, 1:3], frame_mask[:, 1:3]
    assert (known.sum(), real.sum()) == (2, 3)
    expected = dict(
        loss_de=rho(f_de(rgb)[has_depth], depth[has_depth]),
        loss_dep_heart=rho(by_rgb[known], depth[:, 1:3][known]),
        loss_dep_diamond=rho(by_depth[real], by_rgb[real]),
    )
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)


def test_a_frame_after_an_unknown_one_is_not_predicted(transcender, scene):
    rgb, depth = scene
    has_depth = everywhere()
    has_depth[:, 1] = False
    loss = transcender.loss(rgb, depth, everywhere(), has_depth, names=('dte',))
    assert loss['loss_dte'] == 0


def test_an_image_becomes_a_scene(transcender, scene):
    image = scene[0][:, :1]
    found = transcender(image, FRAMES)
    assert found.rgb.shape == (2, FRAMES, *GRID, RGB)
    assert found.depth.shape == (2, FRAMES, *GRID, DEPTH)
    depth = transcender.depth_estimator(image)
    assert torch.equal(found.rgb[:, :1], image)
    assert torch.equal(found.depth[:, :1], depth)
    rolled = transcender.rgb_temporal_estimator.roll_out(image, FRAMES - 1)
    assert torch.equal(found.rgb[:, 1:], rolled)
    rolled = transcender.depth_temporal_estimator.roll_out(depth, FRAMES - 1)
    assert torch.equal(found.depth[:, 1:], rolled)


def test_only_the_estimators_that_are_needed_run(transcender, scene):
    rgb, depth = scene
    ran = []
    for name in ('depth', 'rgb_temporal', 'depth_temporal'):
        estimator = getattr(transcender, f'{name}_estimator')
        part = estimator.conv if name == 'depth' else estimator.input_norm
        part.register_forward_hook(lambda *_, name=name: ran.append(name))
    for given, expected in (
        ((rgb[:, :1], FRAMES), {'depth', 'rgb_temporal', 'depth_temporal'}),
        ((rgb[:, :1], FRAMES, depth[:, :1]), {'rgb_temporal', 'depth_temporal'}),
        ((rgb, FRAMES), {'depth'}),
        ((rgb, FRAMES, depth), set()),
    ):
        ran.clear()
        found = transcender(*given)
        assert set(ran) == expected
        assert found.rgb.shape[1] == found.depth.shape[1] == FRAMES


def test_every_weight_learns(transcender, scene):
    losses = transcender.loss(*scene, everywhere(), everywhere())
    sum(losses.values()).backward()
    for name, parameter in transcender.named_parameters():
        # Frames 3 and later of 64 are not there.
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_single_frames_have_a_gradient_of_zero(transcender, scene):
    rgb, depth = (features[:, :1] for features in scene)
    known = everywhere()[:, :1]
    losses = transcender.loss(rgb, depth, known, known, ('rte', 'dte'))
    assert losses['loss_rte'] == losses['loss_dte'] == 0
    sum(losses.values()).backward()
    for name in ('rgb_temporal_estimator', 'depth_temporal_estimator'):
        for parameter in getattr(transcender, name).parameters():
            assert (parameter.grad == 0).all()


def test_depth_that_is_unknown_is_estimated(transcender, scene):
    rgb, depth = scene
    has_depth = everywhere()
    has_depth[0, 1] = False
    found = transcender(rgb, FRAMES, depth, has_depth)
    assert torch.equal(found.depth[has_depth], depth[has_depth])
    expected = transcender.depth_estimator(rgb)
    assert torch.equal(found.depth[0, 1], expected[0, 1])
    assert found.has_depth.all()


@pytest.mark.parametrize(
    ('given', 'frames', 'with_depth'),
    [('image', 1, False), ('3d', 1, True), ('video', FRAMES, False)],
)
def test_a_scene_is_completed_from_what_is_given(
    transcender, scene, given, frames, with_depth
):
    rgb, depth = scene
    whole = FrameFeatures(rgb, depth, everywhere())
    found = transcender.complete(whole, given, FRAMES)
    expected = transcender(
        rgb[:, :frames], FRAMES, depth[:, :frames] if with_depth else None
    )
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)


def test_nothing_is_estimated_of_a_4d_scene(transcender, scene):
    whole = FrameFeatures(*scene, everywhere())
    assert transcender.complete(whole, '4d', FRAMES) is whole
    with pytest.raises(ValueError, match="given is 'pair', expected one of"):
        transcender.complete(whole, 'pair', FRAMES)


def config(**changes):
    core = dict(type='TemporalEstimator', embed_dims=16, num_layers=1, num_heads=2)
    return dict(
        type='SceneTranscender',
        rgb_channels=RGB,
        depth_channels=DEPTH,
        grid_size=GRID,
        depth_estimator=dict(type='DepthEstimator'),
        rgb_temporal_estimator=core,
        depth_temporal_estimator=core,
        **changes,
    )


def test_a_project_of_another_scope_builds_one():
    other = Registry('model', parent=ROOT, scope='other_project')
    try:
        with DefaultScope.overwrite_default_scope('other_project'):
            with pytest.raises(KeyError, match='SceneTranscender'):
                other.build(config())
            model = other.build(config(_scope_='mmdet'))
        rgb = torch.randn(1, 1, *GRID, RGB)
        assert model(rgb, FRAMES).depth.shape == (1, FRAMES, *GRID, DEPTH)
    finally:
        del ROOT.children['other_project']


@pytest.mark.parametrize(
    'changes',
    [
        dict(loss_weights=dict(deph=1.0)),
        dict(trains=['F_de']),
        dict(checkpoints={'a': 'b'}),
    ],
)
def test_unknown_names_are_refused(changes):
    with pytest.raises(ValueError, match=f'{next(iter(changes))} has '):
        MODELS.build(config(**changes))


def test_only_chosen_estimators_train():
    model = MODELS.build(config(trains=['rgb_temporal_estimator']))
    trained = {
        n.partition('.')[0] for n, p in model.named_parameters() if p.requires_grad
    }
    assert trained == {'rgb_temporal_estimator'}
    frozen = MODELS.build(config(trains=[]))
    assert not any(p.requires_grad for p in frozen.parameters())


def cores(model):
    return [
        estimator.core.state_dict()
        for estimator in (model.rgb_temporal_estimator, model.depth_temporal_estimator)
    ]


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


def test_the_core_of_f_dte_begins_as_that_of_f_rte(tmp_path):
    model = MODELS.build(config())
    assert not same(*cores(model))
    model.init_weights()
    assert same(*cores(model))
    # One that has been trained is handed on, too; a trained F_dte is kept.
    nn.init.normal_(model.rgb_temporal_estimator.core.time_embedding)
    state = {f'scene_transcender.{k}': v for k, v in model.state_dict().items()}
    torch.save(dict(state_dict=state), tmp_path / 'step2.pth')
    path = str(tmp_path / 'step2.pth')
    other = MODELS.build(config(checkpoints=dict(rgb_temporal_estimator=path)))
    other.init_weights()
    assert same(cores(other)[0], cores(model)[0])
    assert same(*cores(other))
    names = ('rgb_temporal_estimator', 'depth_temporal_estimator')
    both = MODELS.build(config(checkpoints=dict.fromkeys(names, path)))
    both.init_weights()
    assert same(cores(both)[1], cores(model)[1])
    assert not same(*cores(both))


def test_checkpoints_of_other_estimators_are_refused(tmp_path):
    torch.save(dict(state_dict={'a': torch.zeros(1)}), tmp_path / 'a.pth')
    model = MODELS.build(
        config(checkpoints=dict(depth_estimator=str(tmp_path / 'a.pth')))
    )
    with pytest.raises(InputError, match=r'a\.pth: weights scene_transcender'):
        model.init_weights()
