"""Density-peak clustering with nearest neighbours, and merging by clusters."""

import torch
from torch import Tensor


@torch.no_grad()
def dpc_knn(
    features: Tensor,
    num_clusters: int,
    num_neighbors: int,
    mask: Tensor | None = None,
) -> Tensor:
    """Cluster the tokens of each sample by DPC-KNN.

    Source: Du et al., "Study on density peaks clustering based on k-nearest
    neighbors" (2016), as used by Chat-UniVi (Jin et al., CVPR 2024, section 3.1).
    Distance = Euclidean / sqrt(C); density = exp(-mean squared distance to the
    nearest neighbours); delta = distance to the nearest denser token, or the
    largest distance of the sample for its densest token; the tokens with the
    largest density * delta are centres; each token joins its nearest centre.

    Unlike the published code, neighbours are tokens other than oneself, their
    number does not depend on the number of clusters, a sample with fewer tokens
    than clusters gets one cluster a token, and ties go to the lower index instead
    of to random noise. Scores are compared as logarithms, which ranks alike but
    does not underflow for distant tokens.

    Args:
        features: ``[B, N, C]``.
        num_clusters: Largest number of clusters.
        num_neighbors: Neighbours that the density is averaged over; clamped to the
            other tokens there are.
        mask: bool ``[B, N]``, False = padding; None takes all tokens.

    Returns:
        Tensor: int64 ``[B, N]`` cluster of each token, -1 for padding. Clusters
        are numbered by the index of their centre; a sample with n tokens has
        exactly ``min(num_clusters, n)`` of them, none empty.

    Shape legend:
        B samples, N tokens, C channels, K neighbours, M clusters.
    """
    batch, num_tokens, channels = features.shape
    if mask is None:
        mask = features.new_ones(batch, num_tokens, dtype=torch.bool)
    with torch.autocast(features.device.type, enabled=False):
        tokens = features.detach().float()
        # Not by matrix products: those tell equal tokens apart by rounding.
        distance = torch.cdist(
            tokens, tokens, compute_mode='donot_use_mm_for_euclid_dist'
        )
        distance = distance / channels**0.5  # [B, N, N]

    log_density = _log_density(distance, num_neighbors, mask)  # [B, N]

    order = torch.arange(num_tokens, device=features.device)
    row, column = log_density[:, :, None], log_density[:, None, :]
    denser = (column > row) | ((column == row) & (order < order[:, None]))
    denser &= mask[:, None, :]
    pairs = mask[:, None, :] & mask[:, :, None]
    largest = distance.where(pairs, 0.0).flatten(1).amax(dim=1)  # [B]
    delta = distance.where(denser, largest[:, None, None]).amin(dim=2)  # [B, N]

    # A token equal to a denser one has delta 0; it still goes before padding.
    score = log_density + delta.log().clamp(min=-1e30)
    score = score.masked_fill(~mask, -torch.inf)
    num_clusters = min(num_clusters, num_tokens)
    ranked = score.argsort(dim=1, descending=True, stable=True)[:, :num_clusters]
    index = torch.arange(num_clusters, device=features.device)
    real = index < mask.sum(dim=1, keepdim=True)  # [B, M]
    # Padding centres get index N, so sorting leaves them last.
    centers = ranked.where(real, num_tokens).sort(dim=1).values

    gather = centers.clamp(max=num_tokens - 1)[:, None, :]
    to_center = distance.gather(2, gather.expand(-1, num_tokens, -1))  # [B, N, M]
    to_center = to_center.masked_fill(~real[:, None, :], torch.inf)
    assignment = to_center.argmin(dim=2)
    # A centre is its own cluster even where it equals another centre.
    assignment = torch.nn.functional.pad(assignment, (0, 1))
    assignment.scatter_(1, centers, index.expand(batch, -1))
    return assignment[:, :num_tokens].masked_fill(~mask, -1)


def _log_density(distance: Tensor, num_neighbors: int, mask: Tensor) -> Tensor:
    """Minus the mean squared distance to the nearest other tokens, ``[B, N]``."""
    num_tokens = distance.shape[1]
    num_neighbors = min(num_neighbors, num_tokens - 1)
    if num_neighbors < 1:
        return distance.new_zeros(distance.shape[:2])
    oneself = torch.eye(num_tokens, dtype=torch.bool, device=distance.device)
    others = distance.masked_fill(oneself | ~mask[:, None, :], torch.inf)
    nearest = others.topk(num_neighbors, dim=2, largest=False).values  # [B, N, K]
    exists = nearest.isfinite()
    total = nearest.where(exists, 0.0).square().sum(dim=2)
    return -total / exists.sum(dim=2).clamp(min=1)


def merge_clusters(
    features: Tensor, sizes: Tensor, assignment: Tensor, num_clusters: int
) -> tuple[Tensor, Tensor]:
    """Average the tokens of each cluster, weighted by what they stand for.

    Args:
        features: ``[B, N, C]``.
        sizes: ``[B, N]`` number of original tokens that each token stands for.
        assignment: int ``[B, N]`` cluster of each token, negative = none.
        num_clusters: Number of clusters M in the output.

    Returns:
        tuple[Tensor, Tensor]: Merged features ``[B, M, C]`` and their sizes
        ``[B, M]``. An empty cluster has zero features and size 0.
    """
    # Matrix products instead of scattered sums: those are not deterministic on GPU.
    with torch.autocast(features.device.type, enabled=False):
        clusters = torch.arange(num_clusters, device=features.device)
        member = assignment[:, None, :] == clusters[:, None]  # [B, M, N]
        weight = member * sizes[:, None, :].float()
        merged_sizes = weight.sum(dim=2)  # [B, M]
        weight = weight / merged_sizes.clamp(min=1e-6)[:, :, None]
        merged = torch.bmm(weight, features.float())
    return merged.to(features.dtype), merged_sizes
