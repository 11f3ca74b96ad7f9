import pytest
import torch

from mmfourdpsg.models.scene_encoders import IdentityTokenMerging
from mmfourdpsg.pretraining.alignment.named_patches import NamedPatches, NameEmbeddings
from mmfourdpsg.pretraining.imagebind.name_statistics import NameStatistics
from mmfourdpsg.pretraining.imagebind.patch_targets import ObjectPatches
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import save_weights

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
    expected = torch.tensor([[10.0, 0, 0, 0], [0, 10.0, 0, 0]])
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


def test_sampled_objects_have_the_mean_and_spread_of_the_features(names):
    torch.manual_seed(0)
    embeddings = NameEmbeddings(names)
    sampled = embeddings.sample_objects(['table'] * 4000, 1.0)
    torch.testing.assert_close(sampled.mean(0), embeddings.means[1], atol=0.15, rtol=0)
    covariance = embeddings.object_factor @ embeddings.object_factor.T
    torch.testing.assert_close(torch.cov(sampled.T), covariance, atol=0.25, rtol=0.1)
    exact = embeddings.sample_objects(['cube', 'table'], 0.0)
    torch.testing.assert_close(exact, embeddings.means[:2])
    with pytest.raises(InputError, match="'lamp', expected one of the 2 names"):
        embeddings.sample_objects(['lamp'], 1.0)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / 'other.safetensors'
    save_weights(path, dict(weight=torch.zeros(2)))
    with pytest.raises(InputError, match='holds weight, expected name embeddings'):
        NameEmbeddings(path)


def test_sampled_patches_lie_in_their_boxes_and_hold_their_names(names):
    torch.manual_seed(0)
    merging = IdentityTokenMerging(CHANNELS)
    sampled = NamedPatches(str(names), noise=0.0, min_scale=1.0).sample(500, merging)
    assert set(sampled.names) == {'cube', 'table'}
    assert sampled.moments.min() >= 0
    assert sampled.moments.max() <= 1
    centers, sides = sampled.boxes[:, :2], sampled.boxes[:, 2:]
    assert (centers - sides / 2 >= -1e-6).all()
    assert (centers + sides / 2 <= 1 + 1e-6).all()
    assert centers.std() > 0.1


def test_without_time_and_place_a_token_is_the_mean_of_its_name(names):
    bare = IdentityTokenMerging(
        CHANNELS, time_embedding=False, position_embedding=False
    )
    patches = NamedPatches(str(names), noise=0.0, min_scale=1.0)
    sampled = patches.sample(20, bare)
    rows = [patches.names.names[name] for name in sampled.names]
    torch.testing.assert_close(sampled.tokens, patches.names.means[rows])


def test_noise_and_scale_spread_the_features(names):
    torch.manual_seed(0)
    bare = IdentityTokenMerging(
        CHANNELS, time_embedding=False, position_embedding=False
    )
    scaled = NamedPatches(str(names), noise=0.0, min_scale=0.4).sample(500, bare).tokens
    assert 3.8 < scaled.norm(dim=1).min() < 5
    assert 9.5 < scaled.norm(dim=1).max() < 10.5
    noisy = NamedPatches(str(names), noise=1.0, min_scale=1.0).sample(500, bare).tokens
    # The third axis is that of objects, the fourth that of patches.
    assert noisy[:, 2].std() > 1.5
    assert noisy[:, 3].std() > 2.5


def test_unseen_names_have_no_embedding(names):
    embeddings = NameEmbeddings(names)
    assert embeddings.names == dict(cube=0, table=1)
