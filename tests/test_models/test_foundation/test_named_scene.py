import json

import pytest
import torch

from mmfourdpsg.models.foundation import NamedScene
from mmfourdpsg.models.foundation.name_embeddings import NameEmbeddings
from mmfourdpsg.models.foundation.name_statistics import NameStatistics
from mmfourdpsg.models.foundation.object_patches import ObjectPatches
from mmfourdpsg.models.projectors import MLPProjector
from mmfourdpsg.models.scene_encoders import IdentityTokenMerging
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_file import save_weights

CHANNELS = 4
NAMES = ['cube', 'table', 'never']


def features_of(labels, coverage, generator):
    """Objects around (10, 0, 0, 0) and (0, 10, 0, 0), one axis noisier than others."""
    means = 10 * torch.eye(CHANNELS)[labels.clamp(min=0)]  # [F, M, C]
    spread = torch.tensor([0.1, 0.1, 2.0, 0.1])
    objects = means + torch.randn(means.shape, generator=generator) * spread
    owner = coverage.argmax(1)  # [F, gh, gw]
    frame = torch.arange(len(owner))[:, None, None]
    patches = objects[frame, owner]
    noise = torch.randn(patches.shape, generator=generator)
    return patches + noise * torch.tensor([0.1, 0.1, 0.1, 3.0])


@pytest.fixture
def names(tmp_path):
    generator = torch.Generator().manual_seed(0)
    statistics = NameStatistics(NAMES, CHANNELS)
    for _ in range(20):
        coverage = torch.zeros(50, 2, 6, 6)
        coverage[:, 0, :, :3] = 1
        coverage[:, 1, :, 3:] = 1
        labels = torch.tensor([0, 1]).expand(50, -1)
        features = features_of(labels, coverage, generator)
        statistics.add(features, ObjectPatches(coverage, labels))
    path = tmp_path / 'names.safetensors'
    statistics.save(path, dict(data='none'))
    return path


def test_statistics_are_those_of_the_features(names):
    embeddings = NameEmbeddings(names)
    assert embeddings.embed_dims == CHANNELS
    expected = torch.tensor([[10.0, 0, 0, 0], [0, 10.0, 0, 0], [5.0, 5.0, 0, 0]])
    # A name that was never seen is in the middle of the others.
    torch.testing.assert_close(embeddings.means, expected, atol=0.25, rtol=0)
    objects = embeddings.object_factor @ embeddings.object_factor.T
    # An object's mean over 18 patches still has some of their noise: 9 / 18.
    torch.testing.assert_close(
        objects.diagonal(), torch.tensor([0.01, 0.01, 4.0, 0.5]), atol=0.25, rtol=0
    )
    patches = embeddings.patch_factor @ embeddings.patch_factor.T
    torch.testing.assert_close(
        patches.diagonal(), torch.tensor([0.01, 0.01, 0.01, 8.5]), atol=0.1, rtol=0.05
    )


def test_draws_have_the_spread(names):
    torch.manual_seed(0)
    embeddings = NameEmbeddings(names)
    drawn = embeddings.draw_objects(['table'] * 4000, 1.0)
    torch.testing.assert_close(drawn.mean(0), embeddings.means[1], atol=0.15, rtol=0)
    covariance = embeddings.object_factor @ embeddings.object_factor.T
    torch.testing.assert_close(torch.cov(drawn.T), covariance, atol=0.25, rtol=0.1)
    exact = embeddings.draw_objects(['cube', 'table'], 0.0)
    torch.testing.assert_close(exact, embeddings.means[:2])
    with pytest.raises(InputError, match="'lamp', expected one of the 3 names"):
        embeddings.draw_objects(['lamp'], 1.0)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / 'other.safetensors'
    save_weights(path, dict(weight=torch.zeros(2)))
    with pytest.raises(InputError, match='holds weight, expected name embeddings'):
        NameEmbeddings(path)


def a_sample(categories, masks):
    sample = SceneGraphDataSample(
        metainfo=dict(num_frames=10, frame_indices=[2, 6], fps=5.0)
    )
    objects = [SceneObject(i, name) for i, name in enumerate(categories)]
    sample.gt_scene_graph = SceneGraph('v', 12, 12, 10, objects, [])
    sample.gt_masks = masks
    return sample


@pytest.fixture
def build(names):
    return lambda **options: NamedScene(
        str(names),
        dict(type='IdentityTokenMerging'),
        grid_size=(3, 3),
        **dict(dict(noise=0.0), **options),
    )


@pytest.fixture
def sample():
    masks = torch.zeros(2, 2, 12, 12, dtype=torch.bool)
    masks[0, :, :, :4] = True  # the left column of patches
    masks[0, 1, 0:4, 4:6] = True  # and half of the top middle one, later
    masks[1, 1, 0:4, 6:8] = True  # whose other half is the table's
    return a_sample(['cube', 'table'], masks)


def test_patches_hold_the_names_that_cover_them(build, sample):
    scene = build().eval()
    cube, table, _ = scene.names.means
    found = scene.feature_map(sample)
    expected = torch.zeros(2, 3, 3, CHANNELS)
    expected[:, :, 0] = cube
    expected[1, 0, 1] = (cube + table) / 2
    torch.testing.assert_close(found, expected)


def test_tokens_are_those_of_the_token_merging(build, sample):
    scene = build().eval()
    empty = a_sample([], torch.zeros(0, 1, 12, 12, dtype=torch.bool))
    empty.set_metainfo(dict(frame_indices=[5]))
    tokens, mask = scene([sample, empty])
    assert mask.sum(1).tolist() == [18, 9]
    features = scene.feature_map(sample)[None]
    times = torch.tensor([[0.25, 0.65]])
    whole = torch.ones(1, 2, dtype=torch.bool)
    expected = scene.token_merging(features, whole, times)[0]
    torch.testing.assert_close(tokens[:1], expected)


def test_noise_differs_between_objects_patches_and_frames(build, sample):
    torch.manual_seed(0)
    sample.gt_masks = sample.gt_masks[:1, :1].repeat(1, 2, 1, 1)
    # The third axis is that of objects, the fourth that of patches.
    column = build(noise=1.0, frame_noise=0.0).eval().feature_map(sample)[:, :, 0]
    assert column[..., 2].std() < 0.2
    assert column[..., 3].std() > 1
    frames = build(noise=1.0, frame_noise=1.0).eval().feature_map(sample)[:, :, 0, 2]
    assert (frames[0] - frames[1]).abs().mean() > 0.5


def test_training_scales_the_features(build, sample):
    torch.manual_seed(0)
    scene = build(min_scale=0.4)
    lengths = torch.stack(
        [scene.feature_map(sample)[0, 0, 0].norm() for _ in range(200)]
    )
    full = scene.eval().feature_map(sample)[0, 0, 0].norm()
    assert 0.4 * full < lengths.min() < 0.5 * full
    assert 0.95 * full < lengths.max() < full


def test_what_is_learned_from_names_is_what_step_1_begins_with(names, sample, tmp_path):
    model = MODELS.build(
        dict(
            type='SceneGraphTextPretrainer',
            scene_graph_head=dict(
                type='LLMSceneGraphHead',
                language_model=dict(
                    type='CausalLanguageModel',
                    name_or_path='checkpoints/tabletop/tiny_llama',
                    pretrained=False,
                ),
                text_format=dict(type='DirectTextFormat', decimals=2),
            ),
            scene_description=dict(
                type='NamedScene',
                names=str(names),
                token_merging=dict(type='IdentityTokenMerging'),
                grid_size=(3, 3),
            ),
            num_frames=2,
        )
    )
    losses = model({}, [sample], mode='loss')
    sum(losses.values()).backward()
    for weight in model.scene_graph_head.projector.parameters():
        assert weight.grad.abs().sum() > 0
    path = tmp_path / 'alignment.safetensors'
    save_weights(path, model.alignment_weights(), dtype=torch.float32)

    projector = MLPProjector(CHANNELS, 256, checkpoint=str(path))
    projector.init_weights()
    merging = IdentityTokenMerging(CHANNELS, checkpoint=str(path))
    merging.init_weights()
    tokens = torch.randn(2, 5, CHANNELS)
    torch.testing.assert_close(
        projector(tokens), model.scene_graph_head.projector(tokens)
    )
    features, mask = torch.randn(1, 2, 3, 3, CHANNELS), torch.ones(1, 2).bool()
    times = torch.tensor([[0.2, 0.7]])
    torch.testing.assert_close(
        merging(features, mask, times)[0],
        model.scene_description.token_merging(features, mask, times)[0],
    )
    with pytest.raises(InputError, match=r'weights projector\.\* are not those'):
        MLPProjector(CHANNELS + 1, 256, checkpoint=str(path)).init_weights()


def test_names_are_stored_with_their_order(names):
    embeddings = NameEmbeddings(names)
    assert embeddings.names == {name: i for i, name in enumerate(NAMES)}
    assert json.dumps(list(embeddings.names)) == json.dumps(NAMES)
