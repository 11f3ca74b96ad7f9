"""Contrast of the two modalities, patch by patch."""

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


def draw_patches(known: Tensor, number: int) -> Tensor:
    """Draw patches without replacement.

    Args:
        known: bool ``[F, gh, gw]``, the patches to choose from.
        number: How many at most.

    Returns:
        Tensor: int64 ``[P]`` places in the flattened ``known``, in random order.
    """
    places = known.flatten().nonzero()[:, 0]
    order = torch.randperm(len(places), device=places.device)[:number]
    return places[order]
