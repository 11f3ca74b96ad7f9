import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfourdpsg.models.scene_encoders import dpc_knn, merge_clusters


def reference(tokens, num_clusters, num_neighbors):
    """DPC-KNN of one sample as its definition reads, in loops and double precision."""
    tokens = np.asarray(tokens, dtype=np.float64)
    count, channels = tokens.shape
    distance = np.zeros((count, count))
    for i in range(count):
        for j in range(count):
            distance[i, j] = np.linalg.norm(tokens[i] - tokens[j]) / channels**0.5
    density = np.ones(count)
    for i in range(count):
        others = sorted(distance[i, j] for j in range(count) if j != i)
        nearest = others[:num_neighbors]
        if nearest:
            density[i] = np.exp(-np.mean(np.square(nearest)))
    delta = np.zeros(count)
    for i in range(count):
        denser = [
            distance[i, j]
            for j in range(count)
            if density[j] > density[i] or (density[j] == density[i] and j < i)
        ]
        delta[i] = min(denser) if denser else distance.max()
    ranked = sorted(range(count), key=lambda i: (-density[i] * delta[i], i))
    centers = sorted(ranked[:num_clusters])
    labels = np.zeros(count, dtype=int)
    for i in range(count):
        labels[i] = int(np.argmin([distance[i, c] for c in centers]))
    for cluster, center in enumerate(centers):
        labels[center] = cluster
    return labels


@pytest.mark.parametrize(
    'count, clusters, neighbors',
    [
        (30, 7, 5),
        (12, 3, 1),
        (9, 9, 5),
        (6, 2, 20),
        (5, 8, 3),
        (1, 4, 5),
        (2, 1, 5),
    ],
)
def test_clusters_equal_those_of_plain_loops(count, clusters, neighbors):
    torch.manual_seed(count)
    tokens = torch.randn(4, count, 6)
    labels = dpc_knn(tokens, clusters, neighbors)
    for b in range(4):
        expected = reference(tokens[b].numpy(), clusters, neighbors)
        assert labels[b].tolist() == expected.tolist()


def test_well_separated_groups_are_found():
    generator = torch.Generator().manual_seed(0)
    truth = torch.arange(40) % 4
    tokens = 5 * torch.eye(4)[truth] + 0.1 * torch.randn(40, 4, generator=generator)
    labels = dpc_knn(tokens[None], 4, 5)[0]
    for group in range(4):
        assert len(labels[truth == group].unique()) == 1
    assert len(labels.unique()) == 4


def test_neighbors_do_not_include_oneself():
    # With one neighbour that were oneself every density would be 1 and the ties
    # would make the first two tokens centres.
    tokens = torch.tensor([[[0.0], [10.0], [10.1], [50.0], [50.1], [50.3]]])
    labels = dpc_knn(tokens, 2, 1)[0].tolist()
    assert labels == [0, 0, 0, 1, 1, 1]


def test_padding_is_in_no_cluster_and_changes_nothing():
    torch.manual_seed(0)
    tokens = torch.randn(3, 14, 5)
    real = [14, 9, 2]
    mask = torch.arange(14) < torch.tensor(real)[:, None]
    labels = dpc_knn(tokens, 4, 3, mask)
    for b, count in enumerate(real):
        alone = dpc_knn(tokens[b : b + 1, :count], 4, 3)[0]
        assert labels[b, :count].tolist() == alone.tolist()
        assert (labels[b, count:] == -1).all()
    # Whatever stands in the padding, and wherever the padding is.
    noisy = tokens.where(mask[..., None], 1e4 * torch.randn(3, 14, 5))
    assert torch.equal(dpc_knn(noisy, 4, 3, mask), labels)
    flipped = dpc_knn(tokens.flip(1), 4, 3, mask.flip(1))
    for b, count in enumerate(real):
        assert len(flipped[b, 14 - count :].unique()) == min(4, count)
        assert (flipped[b, : 14 - count] == -1).all()


def test_equal_tokens_are_settled_by_index():
    labels = dpc_knn(torch.full((2, 6, 3), 0.7), 3, 2)
    assert labels.tolist() == [[0, 1, 2, 0, 0, 0]] * 2
    tokens = torch.randn(1, 5, 3).repeat(1, 3, 1)
    assert torch.equal(dpc_knn(tokens, 4, 5), dpc_knn(tokens, 4, 5))
    mask = torch.tensor([[True, True, False, True, True, False]])
    assert dpc_knn(torch.ones(1, 6, 3), 5, 2, mask).tolist() == [[0, 1, -1, 2, 3, -1]]


def test_distant_tokens_do_not_underflow():
    # Densities of exp(-150) and less are 0 in single precision, not in double.
    tokens = 15 * torch.randn(3, 20, 8, generator=torch.Generator().manual_seed(3))
    for clusters, sample in enumerate(tokens, start=3):
        labels = dpc_knn(sample[None], clusters, 4)[0]
        expected = reference(sample.numpy(), clusters, 4)
        assert labels.tolist() == expected.tolist()


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 12),
    clusters=st.integers(1, 14),
    neighbors=st.integers(1, 8),
    levels=st.integers(1, 4),
    seed=st.integers(0, 10_000),
)
def test_every_cluster_is_used_and_merging_conserves_the_mean(
    count, clusters, neighbors, levels, seed
):
    generator = torch.Generator().manual_seed(seed)
    # Few levels make many equal tokens and equal distances.
    tokens = torch.randint(levels, (2, count, 3), generator=generator).float()
    sizes = torch.randint(1, 9, (2, count), generator=generator).float()
    labels = dpc_knn(tokens, clusters, neighbors)
    number = min(clusters, count)
    for row in labels:
        assert row.unique().tolist() == list(range(number))
    merged, merged_sizes = merge_clusters(tokens, sizes, labels, number)
    torch.testing.assert_close(merged_sizes.sum(1), sizes.sum(1))
    torch.testing.assert_close(
        (merged * merged_sizes[..., None]).sum(1), (tokens * sizes[..., None]).sum(1)
    )


def test_merging_weighs_tokens_by_size():
    tokens = torch.tensor([[[0.0], [4.0], [9.0], [7.0]]])
    sizes = torch.tensor([[3.0, 1.0, 2.0, 5.0]])
    labels = torch.tensor([[0, 0, 1, -1]])
    merged, merged_sizes = merge_clusters(tokens, sizes, labels, 3)
    assert merged.flatten().tolist() == [1.0, 9.0, 0.0]
    assert merged_sizes.tolist() == [[4.0, 2.0, 0.0]]


def test_low_precision_features_are_clustered_in_float32():
    torch.manual_seed(0)
    tokens = torch.randn(1, 20, 8).bfloat16()
    with torch.autocast('cpu', torch.bfloat16):
        labels = dpc_knn(tokens, 4, 3)
        merged, _ = merge_clusters(tokens, torch.ones(1, 20), labels, 4)
    assert labels.tolist() == dpc_knn(tokens.float(), 4, 3).tolist()
    assert merged.dtype == torch.bfloat16
