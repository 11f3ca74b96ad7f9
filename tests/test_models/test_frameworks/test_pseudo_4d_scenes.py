"""4D-LLM with a scene transcender: steps 3 and 4."""

import copy

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.models.frame_times import pseudo_frame_times
from mmfourdpsg.models.scene_graph_heads.decoding.turn_prompts import encode_turn_prompt
from mmfourdpsg.models.transcending.scene_transcender import ESTIMATORS
from mmfourdpsg.registry import DATASETS, MODELS
from mmfourdpsg.structures import SceneGraphDataSample

TERMS = ('de', 'rte', 'dte', 'dep_heart', 'dep_diamond')


def read(repository, world, name):
    config = Config.fromfile(repository / 'configs/4dllm/tabletop' / name)
    config.work_dir = None
    for part in ('rgb_encoder', 'depth_encoder', 'aggregator', 'token_merging'):
        config.model.scene_encoder[part].pop('checkpoint', None)
    return config


@pytest.fixture(scope='module')
def step3(repository, tiny_world):
    return read(repository, tiny_world, 'step3.py')


@pytest.fixture(scope='module')
def model(step3):
    torch.manual_seed(0)
    return MODELS.build(step3.model)


@pytest.fixture(scope='module')
def batch(step3, model, tiny_world):
    config = dict(step3.train_dataloader.dataset, data_root=str(tiny_world))
    dataset = DATASETS.build(dict(config, indices=2))
    return model.data_preprocessor(pseudo_collate([dataset[0], dataset[1]]))


def test_step_3_has_the_terms_of_equation_7(model, batch):
    losses = model(**batch, mode='loss')
    ours = {f'loss_{name}' for name in TERMS}
    assert ours < set(losses)
    rest = {name for name in losses if name.startswith('loss_')} - ours
    assert losses['4dpsg'] == pytest.approx(float(sum(losses[n] for n in rest)))
    total, log = model.parse_losses(losses)
    assert float(total) == pytest.approx(
        float(losses['4dpsg'] + sum(losses[name] for name in ours)), rel=1e-5
    )
    assert '4dpsg' in log
    frames = model.scene_encoder.encode_frames(**batch['inputs'])
    expected = model.scene_transcender.loss(
        frames.rgb, frames.depth, batch['inputs']['frame_mask'], frames.has_depth
    )
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)


def test_the_graph_trains_the_estimators(model, batch):
    losses = model(**batch, mode='loss')
    model.zero_grad()
    losses['loss_txt'].backward()
    for name in ESTIMATORS:
        estimator = getattr(model.scene_transcender, name)
        grads = [
            p.grad.abs().sum() for p in estimator.parameters() if p.grad is not None
        ]
        assert sum(grads) > 0, name


@pytest.mark.parametrize('given, times', [('image', 3), ('3d', 5), ('4d', 3)])
def test_an_image_is_rolled_out_once_for_graph_and_losses(model, batch, given, times):
    model = copy.deepcopy(model)
    model.train_given = given
    transcender = model.scene_transcender
    # Estimators begin with output layers of zeros, which would all agree.
    torch.manual_seed(0)
    for parameter in transcender.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    frames = model._encode(batch['inputs'], batch['data_samples'])
    expected = transcender.loss(
        frames.rgb, frames.depth, batch['inputs']['frame_mask'], frames.has_depth
    )
    calls = []
    for name in ('rgb_temporal_estimator', 'depth_temporal_estimator'):
        estimator = getattr(transcender, name)

        def counted(*args, roll_out=estimator.roll_out):
            calls.append(args)
            return roll_out(*args)

        estimator.roll_out = counted
    losses = model(**batch, mode='loss')
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value, rtol=1e-4, atol=1e-5)
    # RGB, depth from F_de, and depth from its own frame 0 for Eq. 5.
    assert len(calls) == times


def test_only_the_first_frame_is_given(model, batch, monkeypatch):
    inputs = {key: value.clone() for key, value in batch['inputs'].items()}
    inputs['rgb'][:, 1:] = 255 - inputs['rgb'][:, 1:]
    inputs['depth'][:] = 3.0
    sides = []
    for some in (batch['inputs'], inputs):
        monkeypatch.setattr(model, 'test_given', 'image')
        sides.append(model(some, batch['data_samples'])[0])
    assert torch.equal(*sides)
    monkeypatch.setattr(model, 'test_given', '4d')
    whole = model(inputs, batch['data_samples'])[0]
    assert whole.shape == sides[0].shape
    assert not torch.allclose(whole, sides[0])


def test_the_tube_decoder_sees_the_real_frames(model, batch, monkeypatch):
    seen = []
    loss = model.tube_decoder.loss
    monkeypatch.setattr(
        model.tube_decoder,
        'loss',
        lambda rgb, *rest: seen.append(rgb) or loss(rgb, *rest),
    )
    model(**batch, mode='loss')
    assert torch.equal(seen[0], batch['inputs']['rgb'])


def test_a_single_image_has_frames_at_even_distances():
    image = SceneGraphDataSample(metainfo=dict(num_frames=1, frame_indices=[0]))
    video = SceneGraphDataSample(metainfo=dict(num_frames=10, frame_indices=[1, 6]))
    given = torch.tensor([[True, False], [True, True]])
    mask, times = pseudo_frame_times([image, video], given, 4)
    assert mask.tolist() == [[True] * 4, [True, True, False, False]]
    expected = torch.tensor([[0.125, 0.375, 0.625, 0.875], [0.15, 0.65, 0, 0]])
    torch.testing.assert_close(times, expected)


@pytest.fixture(scope='module')
def step4(repository, tiny_world):
    config = read(repository, tiny_world, 'step4.py')
    torch.manual_seed(0)
    return MODELS.build(dict(config.model, test_given='image'))


def first_images(batch):
    """Make images of the first frames."""
    inputs = {key: value[:, :1] for key, value in batch['inputs'].items()}
    inputs['depth'] = torch.zeros_like(inputs['depth'])
    samples = []
    for sample in batch['data_samples']:
        image = sample.clone()
        image.set_metainfo(dict(num_frames=1, frame_indices=[0]))
        image.gt_masks = sample.gt_masks[:, :1]
        samples.append(image)
    return inputs, samples


def test_step_4_learns_from_single_images(step4, batch):
    inputs, samples = first_images(batch)
    losses = step4(inputs, samples, mode='loss')
    assert not any(f'loss_{name}' in losses for name in TERMS)
    step4.parse_losses(losses)[0].backward()
    assert all(p.grad is None for p in step4.scene_transcender.parameters())
    tokens, mask = step4.encode_scene(inputs, samples)
    frames, width = step4.scene_transcender.num_frames, tokens.shape[1]
    # Eight pseudo frames give as many events as eight frames of a video.
    assert width == frames * 40
    assert mask.all()


def test_the_text_does_not_tell_an_image_from_a_video(step4, batch):
    told = []
    for inputs, samples in (
        (batch['inputs'], [sample.clone() for sample in batch['data_samples']]),
        first_images(batch),
    ):
        step4(inputs, samples, mode='tensor')
        head = step4.scene_graph_head
        parts = head.language_model, head.text_format
        told.append([encode_turn_prompt(*parts, row, 0, []) for row in samples])
    assert told[0] == told[1]
    assert '24 frames' in head.language_model.decode(told[1][0])


def test_every_frame_that_is_read_is_regressed(model, batch):
    transcender = copy.deepcopy(model.scene_transcender)
    frames = model._encode(batch['inputs'], batch['data_samples'])
    steps = []
    roll_out = transcender.rgb_temporal_estimator.roll_out
    transcender.rgb_temporal_estimator.roll_out = lambda given, count: (
        steps.append(count) or roll_out(given, count)
    )
    mask = batch['inputs']['frame_mask']
    transcender.loss(frames.rgb, frames.depth, mask, frames.has_depth)
    assert steps == [mask.shape[1] - 1] == [transcender.num_frames - 1]


def test_checkpoints_hold_the_resting_estimators(step4):
    state = step4.state_dict()
    assert any(key.startswith('scene_transcender.depth_estimator.') for key in state)
    assert not any(key.startswith('scene_encoder.rgb_encoder.') for key in state)


@pytest.mark.parametrize(
    'changes',
    [
        dict(train_given='photo'),
        dict(test_given='4D'),
        dict(transcending_losses=['rte', 'deph']),
    ],
)
def test_unknown_names_are_refused(step3, changes):
    with pytest.raises(ValueError, match=f'{next(iter(changes))} has '):
        MODELS.build(dict(step3.model, **changes))


def test_without_a_scene_transcender_nothing_can_be_estimated(step3):
    config = dict(step3.model)
    config.pop('scene_transcender')
    with pytest.raises(ValueError, match='expected a scene_transcender'):
        MODELS.build(config)
