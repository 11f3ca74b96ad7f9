"""Contrast of patches against the instances of their frame."""

import torch
import torch.nn.functional as F
from torch import Tensor


def patch_owners(coverage: Tensor) -> Tensor:
    """Which instance covers at least half of a patch.

    Args:
        coverage: ``[F, M, gh, gw]`` fraction of each patch that each of M instances
            covers, M > 0.

    Returns:
        Tensor: int64 ``[F, gh, gw]``, -1 where no instance covers half. Of two halves
        the first instance has the patch.
    """
    share, owner = coverage.max(dim=1)
    return owner.masked_fill(share < 0.5, -1)


def instance_contrast(
    features: Tensor, owners: Tensor, num_instances: int, scale: Tensor
) -> Tensor:
    """InfoNCE of each patch against the mean features of its frame's instances.

    Args:
        features: Unit vectors ``[F, gh, gw, W]``.
        owners: int64 ``[F, gh, gw]`` instance of each patch, -1 = leave out.
        num_instances: M, above the largest owner.
        scale: ``[]``, 1 / temperature.

    Returns:
        Tensor: ``[]``, the mean over all patches with an owner; 0 without any.
    """
    labels = owners.flatten(1)  # [F, P]
    owned = labels >= 0
    if not owned.any():
        return (features.sum() + scale) * 0.0
    logits = instance_logits(features, owners, num_instances, scale)
    return F.cross_entropy(logits[owned], labels[owned])


def instance_logits(
    features: Tensor, owners: Tensor, num_instances: int, scale: Tensor
) -> Tensor:
    """Compare each patch with the mean features of its frame's instances.

    Args:
        features: Unit vectors ``[F, gh, gw, W]``.
        owners: int64 ``[F, gh, gw]`` instance of each patch, -1 = none.
        num_instances: M, above the largest owner.
        scale: ``[]``, 1 / temperature.

    Returns:
        Tensor: ``[F, P, M]`` for ``P = gh * gw`` patches, minus infinity for an
        instance that has no patch.
    """
    features, owners = features.flatten(1, 2), owners.flatten(1)  # [F, P, W], [F, P]
    instances = torch.arange(num_instances, device=owners.device)
    member = owners[:, :, None] == instances  # [F, P, M]
    sums = torch.einsum('fpm,fpw->fmw', member.to(features.dtype), features)
    # The direction of the sum is that of the mean.
    means = F.normalize(sums, dim=-1)
    logits = scale * torch.einsum('fpw,fmw->fpm', features, means)
    absent = ~member.any(dim=1, keepdim=True)  # [F, 1, M]
    return logits.masked_fill(absent, -torch.inf)
