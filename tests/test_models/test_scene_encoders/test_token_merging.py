import pytest
import torch

from mmfourdpsg.models.scene_encoders import (
    DPCKNNTokenMerging,
    IdentityTokenMerging,
    dpc_knn,
)

PLAIN = dict(time_embedding=False, position_embedding=False)


def scene(batch=2, frames=6, height=3, width=4, channels=8, seed=0):
    torch.manual_seed(seed)
    features = torch.randn(batch, frames, height, width, channels)
    # Frames come in visibly different shots, so that events mean something.
    shots = 3 * torch.randn(batch, 3, 1, 1, channels)
    features += shots[:, torch.arange(frames) * 3 // frames]
    times = (torch.arange(frames) / frames).expand(batch, -1)
    return features, torch.ones(batch, frames, dtype=torch.bool), times


def build(**kwargs):
    torch.manual_seed(1)
    settings = dict(scales=(5, 3, 2), max_events=3, spatial_neighbors=3)
    return DPCKNNTokenMerging(8, **{**settings, **kwargs})


def merge_reference(tokens, sizes, clusters, neighbors):
    """Cluster one sample and average it in loops."""
    if len(tokens) <= clusters:
        return tokens, sizes
    labels = dpc_knn(tokens[None, :, :8], clusters, neighbors)[0]
    merged, merged_sizes = [], []
    for cluster in range(clusters):
        member = [i for i in range(len(tokens)) if labels[i] == cluster]
        total = sum(sizes[i] for i in member)
        merged.append(sum(tokens[i] * sizes[i] for i in member) / total)
        merged_sizes.append(total)
    return torch.stack(merged), torch.stack(merged_sizes)


def reference(module, features, times):
    """Events, scales and embeddings of one unpadded video, event by event."""
    frames, height, width, _ = features.shape
    labels = dpc_knn(features.mean((1, 2))[None], module.max_events, 5)[0].tolist()
    events = []
    for label in labels:
        if label not in events:
            events.append(label)  # by first frame
    centers = torch.tensor(
        [
            [(x + 0.5) / width, (y + 0.5) / height]
            for y in range(height)
            for x in range(width)
        ]
    )
    levels = []
    for frame in features:
        tokens = torch.cat([frame.reshape(-1, 8), centers], dim=1)
        sizes = torch.ones(height * width)
        levels.append([])
        for scale in module.scales:
            tokens, sizes = merge_reference(tokens, sizes, scale, 3)
            levels[-1].append((tokens, sizes))
    output = []
    for event in events:
        member = [t for t in range(frames) if labels[t] == event]
        when = times[member]
        extent = torch.stack([when.mean(), when.min(), when.max()])
        for number, scale in enumerate(module.scales):
            tokens = torch.cat([levels[t][number][0] for t in member])
            sizes = torch.cat([levels[t][number][1] for t in member])
            tokens, _ = merge_reference(tokens, sizes, scale, 3)
            place = module.position_embedding(tokens[:, 8:])
            output.append(tokens[:, :8] + module.time_embedding(extent) + place)
    return torch.cat(output)


@pytest.mark.parametrize('seed', [0, 1, 2])
@torch.no_grad()
def test_merged_tokens_equal_the_loops_over_events_and_scales(seed):
    module = build()
    features, mask, times = scene(seed=seed)
    tokens, token_mask = module(features, mask, times)
    assert tokens.shape == (2, 3 * (5 + 3 + 2), 8)
    assert token_mask.all()
    for b in range(2):
        expected = reference(module, features[b], times[b])
        # The highest frequency, 128 pi, multiplies the centroids' rounding.
        torch.testing.assert_close(tokens[b], expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_padded_frames_are_in_no_event():
    module = build()
    features, mask, times = scene(frames=6)
    tokens, _ = module(features[:1, :4], mask[:1, :4], times[:1, :4])
    mask = torch.tensor([[True] * 4 + [False] * 2, [True, True] + [False] * 4])
    padded = features.clone()
    padded[~mask] = 1e3
    found, found_mask = module(padded, mask, times)
    torch.testing.assert_close(found[0], tokens[0])
    # Two frames make two events of 10 tokens each.
    assert found_mask.sum(dim=1).tolist() == [30, 20]
    assert (found[1, 20:] == 0).all()
    # What the padding holds, and in which order, does not matter.
    other = padded.clone()
    other[0, 4:] = torch.randn_like(other[0, 4:]) * 9
    other[1, 2:] = padded[1, 2:].flip(0)
    assert torch.equal(module(other, mask, times)[0], found)


@torch.no_grad()
def test_one_long_video_beside_a_short_one_changes_neither():
    module = build()
    features, mask, times = scene(frames=6)
    mask = torch.tensor([[True] * 6, [True] * 3 + [False] * 3])
    both, both_mask = module(features, mask, times)
    alone, _ = module(features[1:, :3], mask[1:, :3], times[1:, :3])
    torch.testing.assert_close(both[1, both_mask[1]], alone[0])


@torch.no_grad()
def test_fewer_tokens_than_clusters_stay_as_they_are():
    module = build(scales=(64, 32, 16), max_events=8, **PLAIN)
    features, mask, times = scene(frames=2)
    tokens, token_mask = module(features, mask, times)
    # Two events, each of one frame with 12 patches, at three scales.
    assert tokens.shape == (2, 2 * 3 * 12, 8) and token_mask.all()
    for event in range(2):
        patches = features[0, event].reshape(12, 8)
        for scale in range(3):
            start = (event * 3 + scale) * 12
            torch.testing.assert_close(tokens[0, start : start + 12], patches)


@torch.no_grad()
def test_each_scale_conserves_the_mean_of_its_event():
    module = build(max_events=1, scales=(6, 4))
    features, _, _ = scene(batch=1)
    levels = module._merge_frames(features[0])
    for (tokens, sizes), scale in zip(levels, module.scales, strict=True):
        assert sizes.sum(dim=1).tolist() == [12.0] * 6
        tokens, sizes = tokens.flatten(0, 1), sizes.flatten()
        merged, merged_sizes = module._merge(tokens[None], sizes[None], scale)
        mean = (merged * merged_sizes[..., None]).sum(1) / merged_sizes.sum()
        torch.testing.assert_close(mean[0, :8], features[0].mean((0, 1, 2)))
        # The centroids average to the middle of the image.
        torch.testing.assert_close(mean[0, 8:], torch.tensor([0.5, 0.5]))


@torch.no_grad()
def test_equal_frames_give_the_same_answer_twice():
    module = build()
    features = torch.ones(1, 5, 3, 4, 8)
    mask, times = torch.ones(1, 5, dtype=torch.bool), torch.linspace(0, 0.8, 5)[None]
    one, _ = module(features, mask, times)
    other, _ = module(features, mask, times)
    assert torch.equal(one, other) and torch.isfinite(one).all()


def test_gradients_reach_features_and_embeddings():
    module = build()
    features, mask, times = scene()
    features.requires_grad_()
    mask = mask.clone()
    mask[1, 4:] = False
    tokens, token_mask = module(features, mask, times)
    tokens[token_mask].square().sum().backward()
    assert torch.isfinite(features.grad).all()
    reached = features.grad.abs().sum(dim=-1) > 0
    assert reached[mask].all()  # every patch is part of some token
    assert not reached[~mask].any()
    for parameter in module.parameters():
        assert parameter.grad.abs().sum() > 0


@torch.no_grad()
def test_tokens_tell_when_and_where():
    features, mask, times = scene(batch=1)
    module = build(max_events=6)
    early, _ = module(features, mask, times)
    late, _ = module(features, mask, times + 0.1)
    assert (early - late).abs().amin(dim=1).max() > 1e-3
    module = build(max_events=6, **PLAIN)
    early, _ = module(features, mask, times)
    late, _ = module(features, mask, times + 0.1)
    assert torch.equal(early, late)


@torch.no_grad()
def test_time_weight_makes_events_contiguous():
    torch.manual_seed(0)
    # The same two shots alternate: by features alone, events are not contiguous.
    shots = torch.randn(2, 1, 1, 8).expand(2, 3, 4, 8)
    features = shots[torch.tensor([0, 0, 1, 1, 0, 0, 1, 1])][None]
    features = features + 0.01 * torch.randn(1, 8, 3, 4, 8)
    mask, times = torch.ones(1, 8, dtype=torch.bool), torch.arange(8)[None] / 8
    labels = build(max_events=2).cluster_events(features, mask, times)[0].tolist()
    assert labels == [0, 0, 1, 1, 0, 0, 1, 1]
    module = build(max_events=2, time_weight=1e3, event_neighbors=1)
    labels = module.cluster_events(features, mask, times)[0].tolist()
    assert labels == sorted(labels) and len(set(labels)) == 2


@torch.no_grad()
def test_bfloat16_features_stay_bfloat16():
    features, mask, times = scene()
    tokens, _ = build()(features.bfloat16(), mask, times)
    assert tokens.dtype == torch.bfloat16


def test_scales_must_descend():
    with pytest.raises(ValueError, match='descending'):
        build(scales=(16, 32))


@torch.no_grad()
def test_identity_keeps_every_patch():
    features, mask, times = scene(frames=3)
    mask[1, 2] = False
    tokens, token_mask = IdentityTokenMerging(8, **PLAIN)(features, mask, times)
    assert tokens.shape == (2, 36, 8)
    torch.testing.assert_close(tokens[0], features[0].reshape(36, 8))
    assert token_mask.sum(dim=1).tolist() == [36, 24]
    assert (tokens[1, 24:] == 0).all()

    module = IdentityTokenMerging(8)
    tokens, _ = module(features, mask, times)
    time = module.time_embedding(times[0, 1].expand(3))
    place = module.position_embedding(torch.tensor([1.5 / 4, 2.5 / 3]))
    expected = features[0, 1, 2, 1] + time + place
    torch.testing.assert_close(tokens[0, 12 + 2 * 4 + 1], expected)
