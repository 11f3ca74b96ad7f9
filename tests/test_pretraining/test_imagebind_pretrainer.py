import math

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.pretraining.imagebind import FeatureMetric
from mmfourdpsg.pretraining.imagebind.feature_counts import (
    log_depth_error,
    name_counts,
    retrieval_counts,
)
from mmfourdpsg.pretraining.imagebind.geometry_loss import geometry_loss
from mmfourdpsg.pretraining.imagebind.instance_contrast import (
    instance_contrast,
    patch_owners,
)
from mmfourdpsg.pretraining.imagebind.joint_space import JointSpace
from mmfourdpsg.pretraining.imagebind.name_classifier import NameClassifier, name_loss
from mmfourdpsg.pretraining.imagebind.object_patches import object_means, object_patches
from mmfourdpsg.pretraining.imagebind.patch_contrast import draw_patches, patch_contrast
from mmfourdpsg.pretraining.imagebind.patch_geometry import patch_geometry
from mmfourdpsg.registry import DATASETS, MODELS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject
from mmfourdpsg.utils import InputError

CONFIG = 'configs/foundation/tabletop/imagebind_mini.py'
CATEGORIES = ('cube', 'ball', 'mug')
SCALE = torch.tensor(50.0)


def unit_vectors(*shape):
    return F.normalize(torch.randn(*shape, generator=torch.manual_seed(3)), dim=-1)


def test_contrast_is_near_zero_for_bound_patches_and_log_n_for_equal_ones():
    bound = torch.eye(8)
    assert patch_contrast(bound, bound, SCALE) < 1e-6
    equal = torch.ones(8, 4) / 2
    loss = patch_contrast(equal, equal, SCALE)
    assert loss.item() == pytest.approx(math.log(8), abs=1e-4)
    # Each patch finds another one: as wrong as the temperature allows.
    assert patch_contrast(bound, bound.roll(1, 0), SCALE).item() == pytest.approx(50)


def test_contrast_equals_a_loop_over_patches():
    rgb, depth = unit_vectors(2, 6, 5)
    expected = 0.0
    for queries, keys in ((rgb, depth), (depth, rgb)):
        for i, query in enumerate(queries):
            similarities = [math.exp(7 * float(query @ key)) for key in keys]
            expected -= math.log(similarities[i] / sum(similarities)) / 12
    loss = patch_contrast(rgb, depth, torch.tensor(7.0))
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_contrast_without_patches_is_zero():
    empty = torch.zeros(0, 4, requires_grad=True)
    loss = patch_contrast(empty, empty, SCALE)
    loss.backward()
    assert loss == 0


def test_drawn_patches_are_known_and_distinct():
    known = torch.rand(3, 4, 4, generator=torch.manual_seed(0)) < 0.5
    every = draw_patches(known, 1000)
    assert sorted(every.tolist()) == known.flatten().nonzero()[:, 0].tolist()
    some = draw_patches(known, 5)
    assert len(set(some.tolist())) == 5
    assert known.flatten()[some].all()


def test_the_largest_half_owns_a_patch():
    coverage = torch.tensor([[0.5, 0.4, 0.0], [0.5, 0.45, 1.0]])[None, :, None]
    assert patch_owners(coverage).tolist() == [[[0, -1, 1]]]


def test_instances_are_told_apart_or_not():
    owners = torch.tensor([[[0, 0, 1], [1, 2, -1]]])
    apart = torch.eye(4)[owners]  # -1 gets the last axis
    assert instance_contrast(apart, owners, 5, SCALE) < 1e-6
    # Without differences each patch chooses among the three that are there.
    loss = instance_contrast(torch.ones(1, 2, 3, 4) / 2, owners, 5, SCALE)
    assert loss.item() == pytest.approx(math.log(3), abs=1e-4)


def test_instance_contrast_equals_a_loop_over_patches():
    features = unit_vectors(2, 2, 3, 5)
    owners = torch.tensor([[[0, 0, 1], [1, -1, 0]], [[2, 2, 2], [-1, 1, 1]]])
    terms = []
    for frame in range(2):
        rows = features[frame].reshape(6, 5)
        own = owners[frame].flatten().tolist()
        means = {}
        for instance in set(own) - {-1}:
            mean = sum(row for row, i in zip(rows, own, strict=True) if i == instance)
            means[instance] = mean / mean.norm()
        for row, instance in zip(rows, own, strict=True):
            if instance >= 0:
                scores = {i: math.exp(4 * float(row @ m)) for i, m in means.items()}
                terms.append(-math.log(scores[instance] / sum(scores.values())))
    loss = instance_contrast(features, owners, 3, torch.tensor(4.0))
    assert loss.item() == pytest.approx(sum(terms) / len(terms), rel=1e-5)


def test_frames_without_instances_have_no_instance_contrast():
    features = unit_vectors(1, 2, 3, 4).requires_grad_()
    loss = instance_contrast(features, torch.full((1, 2, 3), -1), 1, SCALE)
    loss.backward()
    assert loss == 0


def test_a_slope_is_the_change_over_a_patch():
    # log-depth rises by 0.02 a column and falls by 0.01 a row.
    rows, columns = torch.meshgrid(torch.arange(8), torch.arange(12), indexing='ij')
    depth = torch.exp(1 + 0.02 * columns - 0.01 * rows)[None]
    geometry = patch_geometry(depth, (2, 3))
    assert geometry.known.all()
    torch.testing.assert_close(
        geometry.values[0, 1, 2],
        torch.tensor([1 + 0.02 * 9.5 - 0.01 * 5.5, 0.08, -0.04]),
        atol=1e-5,
        rtol=0,
    )


def test_unknown_depth_is_left_out():
    depth = torch.full((1, 4, 8), 2.0)
    depth[0, :, :4] = 0.0
    depth[0, :2, 4:] = torch.inf  # half of this patch is left
    values, known = patch_geometry(depth, (1, 2))
    assert known[0, 0].tolist() == [[False] * 3, [True] * 3]
    expected = torch.tensor([[0, 0, 0], [math.log(2), 0, 0]])
    torch.testing.assert_close(values[0, 0], expected)
    depth[0, 2, 4] = 0.0
    assert not patch_geometry(depth, (1, 2)).known.any()


def test_pixels_equal_to_half_a_patch_may_have_no_slope():
    depth = torch.zeros(1, 2, 4)
    depth[0, :, ::2] = 3.0
    known = patch_geometry(depth, (1, 1)).known
    assert known.flatten().tolist() == [True, False, True]


def test_geometry_loss_counts_known_errors():
    target = torch.zeros(1, 1, 2, 3)
    prediction = torch.tensor([[0.0, 0.05, 1.0], [9.0, 9.0, 9.0]])[None, None]
    known = torch.tensor([[True] * 3, [False] * 3])[None, None]
    # Quadratic up to beta, linear from there: 0.05^2 / 0.2 and 1 - 0.05.
    loss = geometry_loss(prediction, target, known, beta=0.1)
    assert loss.item() == pytest.approx((0.0125 + 0.95) / 3)
    assert geometry_loss(prediction, target, known & False) == 0
    assert geometry_loss(target, target, known) == 0


def test_object_means_leave_out_less_than_a_quarter_of_a_patch():
    features = torch.tensor([[1.0, 0.0], [3.0, 4.0]])[None, None]  # [1, 1, 2, C]
    coverage = torch.tensor([[1.0, 0.5], [0.0, 0.24], [0.25, 0.0]])[None, :, None]
    means, shown = object_means(features, coverage)
    assert shown.tolist() == [[True, False, True]]
    torch.testing.assert_close(means[0, 0], torch.tensor([2.5 / 1.5, 2 / 1.5]))
    torch.testing.assert_close(means[0, 2], torch.tensor([1.0, 0.0]))


def a_sample(masks, names):
    sample = SceneGraphDataSample()
    objects = [SceneObject(i, name) for i, name in enumerate(names)]
    frames, height, width = masks.shape[1:]
    sample.gt_scene_graph = SceneGraph('v', height, width, frames, objects, [])
    sample.gt_masks = masks
    sample.set_metainfo(dict(video_id='v', img_shape=(height, width)))
    return sample


def test_objects_of_unlike_videos_share_a_grid():
    small = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    small[0, 0, :2, :4] = True
    large = torch.zeros(2, 2, 4, 8, dtype=torch.bool)
    large[1, 1, :, 7] = True
    samples = [a_sample(small, ['mug']), a_sample(large, ['ball', 'cube'])]
    nothing = a_sample(large[:0], [])
    coverage, labels = object_patches(
        [*samples, nothing], CATEGORIES, (4, 8), (1, 2), torch.device('cpu')
    )
    assert coverage.shape == (5, 2, 1, 2)
    assert labels.tolist() == [[2, -1], [1, 0], [1, 0], [-1, -1], [-1, -1]]
    assert coverage[0, :, 0].tolist() == [[0.5, 0], [0, 0]]  # padded on the right
    assert coverage[2, :, 0].tolist() == [[0, 0], [0, 0.25]]
    assert coverage.sum() == 0.75


def test_an_unknown_name_is_an_error():
    sample = a_sample(torch.ones(1, 1, 2, 2, dtype=torch.bool), ['zebra'])
    with pytest.raises(InputError, match=r"video v .*'zebra'.*3 categories"):
        object_patches([sample], CATEGORIES, (2, 2), (1, 1), torch.device('cpu'))


def test_name_loss_is_near_zero_for_right_names_and_log_k_without_a_clue():
    labels = torch.tensor([[0, 2, -1]])
    shown = labels >= 0
    right = 30 * torch.eye(3)[labels.clamp(min=0)]
    assert name_loss(right, labels, shown) < 1e-6
    loss = name_loss(torch.zeros(1, 3, 3), labels, shown)
    assert loss.item() == pytest.approx(math.log(3))
    assert name_loss(right, labels, shown & False) == 0


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


def test_counts_of_known_cases():
    logits = torch.eye(3)[None]
    labels = torch.tensor([[0, 2, 2]])
    shown = torch.tensor([[True, True, False]])
    assert name_counts(logits, labels, shown) == (1, 2)
    patches = torch.eye(4)
    assert retrieval_counts(patches, patches) == (4, 4)
    assert retrieval_counts(patches, patches[[1, 0, 2, 3]]) == (2, 4)
    assert retrieval_counts(torch.ones(3, 1), torch.ones(3, 1)) == (0, 3)
    assert retrieval_counts(patches[:0], patches[:0]) == (0, 0)
    target = torch.zeros(1, 1, 2, 3)
    known = torch.tensor([[True, False, False], [False, True, True]])[None, None]
    assert log_depth_error(target - 0.5, target, known) == (0.5, 1)


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
    dataset = DATASETS.build(config.train_dataset)
    preprocessor = MODELS.build(config.model.data_preprocessor)
    return preprocessor(pseudo_collate([dataset[0], dataset[1]]))


def gradient(module):
    return sum(
        float(p.grad.abs().sum()) for p in module.parameters() if p.grad is not None
    )


@pytest.mark.parametrize(
    'name, reaches_depth',
    [('contrast', True), ('geometry', False), ('instance', True), ('name', True)],
)
def test_each_loss_reaches_its_encoders(model, batch, name, reaches_depth):
    losses = model(**batch, mode='loss')
    assert set(losses) == {
        f'loss_{name}' for name in ('contrast', 'geometry', 'instance', 'name')
    }
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


def test_training_improves_every_metric(config, model, batch):
    def metrics():
        metric = FeatureMetric()
        model.eval()
        metric.process(None, model(**batch, mode='predict'))
        model.train()
        return metric.evaluate(2)

    # Patches are drawn: the outcome must not depend on which tests ran before.
    torch.manual_seed(0)
    before = metrics()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(25):
        total, _log = model.parse_losses(model(**batch, mode='loss'))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    after = metrics()
    for name in ('name_accuracy_rgb', 'name_accuracy_depth'):
        assert after[f'features/{name}'] > before[f'features/{name}'] + 20
    name = 'features/retrieval_rgb_to_depth'
    assert after[name] > before[name]
    name = 'features/log_depth_error'
    assert after[name] < 0.7 * before[name]


def test_masks_of_other_frames_are_refused(model, batch):
    inputs = {key: value[:, :2] for key, value in batch['inputs'].items()}
    with pytest.raises(ValueError, match='masks of 8 frames'):
        model(inputs, batch['data_samples'], mode='loss')


def test_an_unknown_mode_is_an_error(model):
    with pytest.raises(ValueError, match='loss, predict or tensor'):
        model({}, [], mode='train')
