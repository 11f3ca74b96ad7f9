import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.evaluation.metrics import FeatureSimilarityMetric
from mmfourdpsg.registry import DATASETS, MODELS


@pytest.fixture(scope='module')
def config(repository):
    config = Config.fromfile(repository / 'configs/4dllm/tabletop/step2c.py')
    for part in ('rgb_encoder', 'depth_encoder'):
        config.model.frame_encoder[part].checkpoint = None
    return config


@pytest.fixture
def model(config):
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    for parameter in model.scene_transcender.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model


@pytest.fixture(scope='module')
def batch(config, tiny_world):
    config = dict(config.val_dataloader.dataset, data_root=str(tiny_world))
    dataset = DATASETS.build(config)
    inputs = pseudo_collate([dataset[0], dataset[1]])
    return MODELS.build(dict(type='SceneGraphDataPreprocessor'))(inputs)


@pytest.mark.parametrize(
    ('losses', 'estimator'),
    [
        (['de'], 'depth_estimator'),
        (['rte'], 'rgb_temporal_estimator'),
        (['dte'], 'depth_temporal_estimator'),
    ],
)
def test_each_part_of_step_2_trains_its_estimator_alone(
    config, batch, losses, estimator
):
    part = dict(config.model.scene_transcender, trains=[estimator])
    model = MODELS.build(dict(config.model, scene_transcender=part, losses=losses))
    found = model(**batch, mode='loss')
    assert list(found) == [f'loss_{losses[0]}']
    model.parse_losses(found)[0].backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is not None) == (f'.{estimator}.' in name), name
    kept = {key for key in model.state_dict() if not key.startswith(('mean_', 'seen_'))}
    assert kept
    assert all(f'scene_transcender.{estimator}.' in key for key in kept)


def test_unknown_losses_are_refused(config):
    with pytest.raises(ValueError, match='losses has '):
        MODELS.build(dict(config.model, losses=['depth']))


def test_what_it_trains_is_what_step_3_loads(config, batch, tmp_path):
    model = MODELS.build(config.model)
    path = tmp_path / 'step2c.pth'
    torch.save(dict(state_dict=model.state_dict()), path)
    part = dict(
        config.model.scene_transcender,
        checkpoints=dict(depth_temporal_estimator=str(path)),
    )
    other = MODELS.build(dict(config.model, scene_transcender=part))
    other.init_weights()
    name = 'depth_temporal_estimator'
    first, second = (
        getattr(one.scene_transcender, name).state_dict() for one in (model, other)
    )
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize(
    ('losses', 'encoded'),
    [
        (['de'], ['rgb', 'depth']),
        (['rte'], ['rgb']),
        (['dte'], ['depth']),
        (['dep_heart'], ['rgb', 'depth']),
        (['dep_diamond'], ['rgb']),
    ],
)
def test_only_what_a_loss_reads_is_encoded(config, batch, losses, encoded):
    torch.manual_seed(0)
    model = MODELS.build(dict(config.model, losses=losses))
    encoder = model.frame_encoder
    ran = []
    for name in ('rgb', 'depth'):
        part = getattr(encoder, f'{name}_encoder')
        part.register_forward_hook(lambda *_, name=name: ran.append(name))
    frames = model(**batch, mode='tensor')
    assert ran == ['rgb', 'depth']
    ran.clear()
    (loss,) = model(**batch, mode='loss').values()
    assert ran == encoded
    # It is that of features of both.
    known = batch['inputs']['frame_mask'], frames.has_depth
    expected = model.scene_transcender.loss(frames.rgb, frames.depth, *known, losses)
    torch.testing.assert_close(loss, expected[f'loss_{losses[0]}'])


def test_the_mean_feature_is_that_of_all_frames(model, batch):
    frames = model(**batch, mode='tensor')
    for _ in range(2):
        model(**batch, mode='loss')
    known = frames.depth[frames.has_depth].flatten(0, -2)
    torch.testing.assert_close(model.mean_depth, known.mean(dim=0))
    assert model.seen_depth == 2 * len(known)
    assert not model.seen_rgb


def test_the_mean_feature_is_that_of_all_processes(model, batch, monkeypatch):
    frames = model(**batch, mode='tensor')
    known = frames.depth[frames.has_depth].flatten(0, -2)
    # Another process has seen three features of ones.
    others = torch.ones(known.shape[1] + 1).double() * 3

    def all_reduce(total):
        total += others

    module = 'mmfourdpsg.models.transcending.scene_transcending_pretrainer.all_reduce'
    monkeypatch.setattr(module, all_reduce)
    model(**batch, mode='loss')
    everything = torch.cat([known, torch.ones(3, known.shape[1])])
    torch.testing.assert_close(model.mean_depth, everything.mean(dim=0))
    assert model.seen_depth == len(everything)


def test_similarities_are_cosines_of_estimates_and_gold(model, batch):
    model.eval()
    model(**batch, mode='loss')
    frames = model(**batch, mode='tensor')
    part = model.scene_transcender
    samples = model(**batch, mode='predict')
    steps = frames.rgb.shape[1] - 1
    expected = dict(
        depth=(part.depth_estimator(frames.rgb), frames.depth),
        rgb_teacher_forced=(
            part.rgb_temporal_estimator(frames.rgb[:, :-1]),
            frames.rgb[:, 1:],
        ),
        rgb_free_running=(
            part.rgb_temporal_estimator.roll_out(frames.rgb[:, :1], steps),
            frames.rgb[:, 1:],
        ),
        depth_copy=(
            frames.depth[:, :1].expand_as(frames.depth[:, 1:]),
            frames.depth[:, 1:],
        ),
        depth_mean_feature=(model.mean_depth.expand_as(frames.depth), frames.depth),
        pseudo_depth=(part(frames.rgb[:, :1], steps + 1).depth, frames.depth),
    )
    for row, sample in enumerate(samples):
        for kind, (estimate, gold) in expected.items():
            cosines = F.cosine_similarity(estimate[row], gold[row], dim=-1).flatten()
            torch.testing.assert_close(sample.feature_similarity[kind], cosines)
    metric = FeatureSimilarityMetric()
    metric.process(None, samples)
    metrics = metric.compute_metrics(metric.results)
    cosines = torch.cat([sample.feature_similarity['depth'] for sample in samples])
    assert metrics['depth_mean'] == pytest.approx(float(cosines.mean()), abs=1e-5)


def test_unknown_depth_and_padding_do_not_count(model, batch):
    model.eval()
    inputs = {key: value.clone() for key, value in batch['inputs'].items()}
    inputs['depth'][0, 2:] = 0
    inputs['depth'][1] = 0
    inputs['frame_mask'][1, 3:] = False
    first, second = model(inputs, batch['data_samples'], mode='predict')
    patches = inputs['rgb'].new_ones(12, 12).numel()
    assert len(first.feature_similarity['depth']) == 2 * patches
    assert len(first.feature_similarity['depth_free_running']) == patches
    assert len(second.feature_similarity['rgb_free_running']) == 2 * patches
    assert not any('depth' in kind for kind in second.feature_similarity)


def test_what_follows_an_unknown_frame_does_not_count(model, batch):
    model.eval()
    inputs = {key: value.clone() for key, value in batch['inputs'].items()}
    inputs['depth'][0, 2] = 0
    inputs['depth'][1, 0] = 0
    first, second = model(inputs, batch['data_samples'], mode='predict')
    steps, patches = inputs['rgb'].shape[1] - 1, 12 * 12
    kinds = ('teacher_forced', 'free_running', 'copy')
    for kind in kinds:
        assert len(first.feature_similarity[f'depth_{kind}']) == patches
        assert len(first.feature_similarity[f'rgb_{kind}']) == steps * patches
        assert f'depth_{kind}' not in second.feature_similarity
    # What is estimated of RGB counts wherever depth is known.
    for sample in (first, second):
        for kind in ('depth', 'pseudo_depth'):
            assert len(sample.feature_similarity[kind]) == steps * patches


def test_a_single_frame_has_no_future(model, batch):
    inputs = {key: value[:, :1] for key, value in batch['inputs'].items()}
    (sample, _) = model(inputs, batch['data_samples'], mode='predict')
    assert set(sample.feature_similarity) == {'depth'}


def test_an_unknown_mode_is_an_error(model, batch):
    with pytest.raises(ValueError, match='loss, predict or tensor'):
        model(**batch, mode='train')
