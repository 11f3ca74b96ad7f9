import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.pretraining.imagebind.imagebind_pretrainer import LOSSES
from mmfourdpsg.pretraining.imagebind.joint_embedding import JointSpace, NameClassifier
from mmfourdpsg.pretraining.metrics import FeatureMetric
from mmfourdpsg.registry import DATASETS, MODELS

CONFIG = 'configs/foundation/tabletop/imagebind_mini.py'


def test_names_are_cosine_similarities_over_the_temperature():
    classifier = NameClassifier(6, 4, 5, num_names=3)
    rgb, depth = torch.randn(2, 6), torch.randn(2, 4)
    for logits, features, linear in zip(
        classifier(rgb, depth),
        (rgb, depth),
        (classifier.space.rgb, classifier.space.depth),
        strict=True,
    ):
        cosine = F.cosine_similarity(
            linear(features)[:, None], classifier.names[None], dim=-1
        )
        torch.testing.assert_close(logits, cosine / 0.07)


def test_the_temperature_is_bounded_and_can_come_back():
    space = JointSpace(2, 2, 2)
    assert space.scale().item() == pytest.approx(1 / 0.07)
    space.log_scale.data.fill_(9.0)
    scale = space.scale()
    scale.backward()
    assert scale.item() == pytest.approx(100)
    assert space.log_scale.grad > 0


@pytest.fixture(scope='module')
def config(repository, tiny_world):
    config = Config.fromfile(repository / CONFIG)
    # One of the two corpora, with enough frames to leave some out.
    config.train_dataset.data_root = str(tiny_world)
    config.train_dataset.pipeline[0].num_frames = 4
    config.val_dataloader.dataset.data_root = str(tiny_world)
    return config


@pytest.fixture
def model(config):
    torch.manual_seed(0)
    return MODELS.build(config.model)


@pytest.fixture(scope='module')
def batch(config):
    # Crops and flips do not depend on which tests ran before.
    dataset = DATASETS.build(dict(config.train_dataset, seed=0))
    preprocessor = MODELS.build(config.model.data_preprocessor)
    return preprocessor(pseudo_collate([dataset[0], dataset[1]]))


def gradient(module):
    return sum(
        float(p.grad.abs().sum()) for p in module.parameters() if p.grad is not None
    )


@pytest.mark.parametrize(
    'name, reaches_depth',
    [
        ('contrast', True),
        ('geometry', False),
        ('instance', True),
        ('name', True),
        ('patch_name', True),
    ],
)
def test_each_loss_reaches_its_encoders(model, batch, name, reaches_depth):
    losses = model(**batch, mode='loss')
    assert set(losses) == {f'loss_{name}' for name in LOSSES}
    losses[f'loss_{name}'].backward()
    assert torch.isfinite(losses[f'loss_{name}'])
    assert gradient(model.rgb_encoder) > 0
    assert (gradient(model.depth_encoder) > 0) == reaches_depth


def test_every_weight_trains(model, batch):
    total, _log = model.parse_losses(model(**batch, mode='loss'))
    total.backward()
    idle = [name for name, p in model.named_parameters() if p.grad is None]
    assert not idle


def test_weights_scale_their_losses(config, batch):
    values = []
    for weight in (1.0, 3.0):
        torch.manual_seed(0)
        weights = dict(contrast=weight, geometry=0.0)
        model = MODELS.build({**config.model, 'loss_weights': weights})
        values.append(model.eval()(**batch, mode='loss'))
    torch.testing.assert_close(
        values[1]['loss_contrast'], 3 * values[0]['loss_contrast']
    )
    assert values[0]['loss_geometry'] == 0
    torch.testing.assert_close(values[1]['loss_name'], values[0]['loss_name'])
    with pytest.raises(ValueError, match=r"\['contrst'\]"):
        MODELS.build({**config.model, 'loss_weights': dict(contrst=1.0)})


def test_without_depth_only_rgb_trains(model, batch):
    inputs = {**batch['inputs'], 'depth': torch.zeros_like(batch['inputs']['depth'])}
    losses = model(inputs, batch['data_samples'], mode='loss')
    assert losses['loss_contrast'] == losses['loss_geometry'] == 0
    sum(losses.values()).backward()
    assert gradient(model.rgb_encoder) > 0
    assert gradient(model.depth_encoder) == 0


def test_features_are_those_of_the_scene_encoder(model, batch):
    scene_encoder = MODELS.build(
        dict(
            type='SceneEncoder',
            rgb_encoder=dict(
                type='ImageBindVisionEncoder',
                embed_dims=16,
                num_blocks=1,
                num_heads=2,
                patch_size=12,
                image_size=96,
            ),
            depth_encoder=dict(
                type='ImageBindDepthEncoder',
                embed_dims=8,
                num_blocks=1,
                num_heads=2,
                patch_size=16,
                image_size=96,
            ),
            depth_to_disparity=dict(type='DepthToDisparity'),
            aggregator=dict(type='SumAggregator'),
            token_merging=dict(type='IdentityTokenMerging'),
        )
    ).eval()
    model.encoder.rgb_encoder = scene_encoder.rgb_encoder
    model.encoder.depth_encoder = scene_encoder.depth_encoder
    model.encoder.depth_to_disparity = scene_encoder.depth_to_disparity
    inputs = {
        **batch['inputs'],
        'frame_mask': torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]]) > 0,
    }
    with torch.no_grad():
        rgb, depth = model(inputs, mode='tensor')
        mask = inputs['frame_mask']
        expected_rgb = scene_encoder.encode_rgb(inputs['rgb'], mask)[mask]
        expected_depth = scene_encoder.encode_depth(inputs['depth'], mask)[mask]
    assert rgb.shape == (6, 8, 8, 16)
    assert depth.shape == (6, 8, 8, 8)
    torch.testing.assert_close(rgb, expected_rgb)
    torch.testing.assert_close(depth, expected_depth)


def test_counts_of_a_video_do_not_depend_on_the_batch(config, model):
    model.eval()
    dataset = DATASETS.build(config.val_dataloader.dataset)
    items = [dataset[0], dataset[1]]
    # A shorter video: what is padded must not count.
    frames = dict(items[1]['inputs'])
    items[1]['inputs'] = {key: value[:3] for key, value in frames.items()}
    items[1]['data_samples'].gt_masks = items[1]['data_samples'].gt_masks[:, :3]
    together = _counts(model, items)
    alone = _counts(model, items[:1]) + _counts(model, items[1:])
    for one, other in zip(together, alone, strict=True):
        assert one.keys() == other.keys()
        for key in one:
            assert one[key] == pytest.approx(other[key], rel=1e-4), key
    assert together[0]['retrieval_rgb_to_depth'][1] == 4 * 144  # patches
    assert together[1]['retrieval_rgb_to_depth'][1] == 3 * 144


def _counts(model, items):
    batch = model.data_preprocessor(pseudo_collate(items))
    return [sample.feature_counts for sample in model(**batch, mode='predict')]


def test_training_improves_names_depth_and_the_shared_space(config, model, batch):
    def metrics():
        metric = FeatureMetric()
        model.eval()
        metric.process(None, model(**batch, mode='predict'))
        model.train()
        return metric.evaluate(2)

    # Patches are sampled: the outcome must not depend on which tests ran before.
    torch.manual_seed(0)
    before = metrics()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    contrasts = []
    for _ in range(25):
        total, log = model.parse_losses(model(**batch, mode='loss'))
        contrasts.append(float(log['loss_contrast']))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    after = metrics()
    for name in ('name_accuracy_rgb', 'name_accuracy_depth'):
        assert after[f'features/{name}'] > before[f'features/{name}'] + 20
    # Retrieval among all patches is at chance for long, its loss is not.
    assert sum(contrasts[-5:]) < sum(contrasts[-10:-5]) < sum(contrasts[-15:-10])
    name = 'features/log_depth_error'
    assert after[name] < 0.7 * before[name]


def test_masks_of_other_frames_are_refused(model, batch):
    inputs = {key: value[:, :2] for key, value in batch['inputs'].items()}
    with pytest.raises(ValueError, match='masks of 8 frames'):
        model(inputs, batch['data_samples'], mode='loss')


def test_an_unknown_mode_is_an_error(model):
    with pytest.raises(ValueError, match='loss, predict or tensor'):
        model({}, [], mode='train')
