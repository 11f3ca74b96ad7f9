import math

import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.pretraining.feature_losses import (
    geometry_loss,
    instance_contrast,
    name_loss,
    patch_contrast,
    patch_name_loss,
    patch_owners,
    sample_patches,
)

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


def test_sampled_patches_are_known_and_distinct():
    known = torch.rand(3, 4, 4, generator=torch.manual_seed(0)) < 0.5
    every = sample_patches(known, 1000)
    assert sorted(every.tolist()) == known.flatten().nonzero()[:, 0].tolist()
    some = sample_patches(known, 5)
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


def test_geometry_loss_counts_known_errors():
    target = torch.zeros(1, 1, 2, 3)
    prediction = torch.tensor([[0.0, 0.05, 1.0], [9.0, 9.0, 9.0]])[None, None]
    known = torch.tensor([[True] * 3, [False] * 3])[None, None]
    # Quadratic up to beta, linear from there: 0.05^2 / 0.2 and 1 - 0.05.
    loss = geometry_loss(prediction, target, known, beta=0.1)
    assert loss.item() == pytest.approx((0.0125 + 0.95) / 3)
    assert geometry_loss(prediction, target, known & False) == 0
    assert geometry_loss(target, target, known) == 0


def test_name_loss_is_near_zero_for_right_names_and_log_k_without_a_clue():
    labels = torch.tensor([[0, 2, -1]])
    shown = labels >= 0
    right = 30 * torch.eye(3)[labels.clamp(min=0)]
    assert name_loss(right, labels, shown) < 1e-6
    loss = name_loss(torch.zeros(1, 3, 3), labels, shown)
    assert loss.item() == pytest.approx(math.log(3))
    assert name_loss(right, labels, shown & False) == 0


def test_patch_names_count_alike_for_each_instance():
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 3, 4, 5), torch.tensor([[1, 4, 0], [2, 2, 3]])
    owners = torch.randint(-1, 2, (2, 3, 4))
    owners[1, 0, 0] = 2  # A single patch.
    means = []
    for frame in range(2):
        for instance in range(3):
            places = (owners[frame] == instance).nonzero().tolist()
            rows = [
                -logits[frame, y, x].log_softmax(0)[labels[frame, instance]]
                for y, x in places
            ]
            if rows:
                means.append(sum(rows) / len(rows))
    assert len(means) == 5
    found = patch_name_loss(logits, owners, labels)
    torch.testing.assert_close(found, sum(means) / 5)
    assert patch_name_loss(logits, torch.full_like(owners, -1), labels) == 0
