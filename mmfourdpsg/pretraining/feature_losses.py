"""Losses of patch features: contrasts, geometry and names."""

import torch
import torch.nn.functional as F
from torch import Tensor


def patch_contrast(rgb: Tensor, depth: Tensor, scale: Tensor) -> Tensor:
    """Symmetric InfoNCE; row ``i`` of one modality belongs to row ``i`` of the other.

    Args:
        rgb: Unit vectors ``[P, W]`` of P patches.
        depth: Unit vectors ``[P, W]`` of the same patches.
        scale: ``[]``, 1 / temperature.

    Returns:
        Tensor: ``[]``, the mean of both directions; 0 without patches.
    """
    if len(rgb) == 0:
        return (rgb.sum() + depth.sum() + scale) * 0.0
    logits = scale * rgb @ depth.T  # [P, P]
    target = torch.arange(len(logits), device=logits.device)
    rgb_to_depth = F.cross_entropy(logits, target)
    depth_to_rgb = F.cross_entropy(logits.T, target)
    return (rgb_to_depth + depth_to_rgb) / 2


def sample_patches(known: Tensor, number: int) -> Tensor:
    """Sample patches without replacement.

    Args:
        known: bool ``[F, gh, gw]``, the patches to choose from.
        number: How many at most.

    Returns:
        Tensor: int64 ``[P]`` indices into the flattened ``known``, in random order.
    """
    indices = known.flatten().nonzero()[:, 0]
    order = torch.randperm(len(indices), device=indices.device)[:number]
    return indices[order]


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


def geometry_loss(
    prediction: Tensor, target: Tensor, known: Tensor, beta: float = 0.1
) -> Tensor:
    """Smooth L1 where depth is known.

    Args:
        prediction: ``[F, gh, gw, 3]``, see :class:`PatchGeometry`.
        target: Likewise.
        known: bool ``[F, gh, gw, 3]``.
        beta: Error, in units of log-depth, from which on the loss is linear.

    Returns:
        Tensor: ``[]``, the mean over what is known; 0 where nothing is.
    """
    error = F.smooth_l1_loss(prediction.float(), target, reduction='none', beta=beta)
    return error.where(known, 0.0).sum() / known.sum().clamp(min=1)


def name_loss(logits: Tensor, labels: Tensor, shown: Tensor) -> Tensor:
    """Cross-entropy of names.

    Args:
        logits: ``[F, M, K]``.
        labels: int64 ``[F, M]``.
        shown: bool ``[F, M]``, the objects that count.

    Returns:
        Tensor: ``[]``, the mean over the objects that count; 0 without any.
    """
    if not shown.any():
        return logits.sum() * 0.0
    return F.cross_entropy(logits[shown], labels[shown])


def patch_name_loss(logits: Tensor, owners: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the name of the object that a patch belongs to.

    Args:
        logits: ``[F, gh, gw, K]``.
        owners: int64 ``[F, gh, gw]`` instance of each patch, -1 = leave out.
        labels: int64 ``[F, M]`` names of the instances.

    Returns:
        Tensor: ``[]``, the mean over instances of the mean over their patches, so that
        a wall counts as a ball does; 0 without any.
    """
    owned = owners >= 0
    if not owned.any():
        return logits.sum() * 0.0
    frames = torch.arange(len(owners), device=owners.device)
    instance = (frames[:, None, None] * labels.shape[1] + owners)[owned]  # [P]
    losses = F.cross_entropy(
        logits[owned].float(), labels.flatten()[instance], reduction='none'
    )
    sizes = torch.bincount(instance, minlength=labels.numel())
    return (losses / sizes[instance]).sum() / (sizes > 0).sum()
