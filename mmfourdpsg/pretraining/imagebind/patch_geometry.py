"""Depth and slope of image patches."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class PatchGeometry(NamedTuple):
    """What depth says about each patch of F frames.

    Attributes:
        values: ``[F, gh, gw, 3]``: mean natural logarithm of depth in metres, and its
            mean slope to the right and down, as the change over one patch.
        known: bool ``[F, gh, gw, 3]``. Log-depth is known where at least half of the
            pixels are, a slope where this holds and two neighbours are.
    """

    values: Tensor
    known: Tensor


def pool_patches(images: Tensor, grid_size: tuple[int, int]) -> Tensor:
    """Mean of the pixels of each patch.

    Args:
        images: ``[F, c, H, W]``.
        grid_size: Rows and columns of patches. A pixel that two patches share counts
            in both.

    Returns:
        Tensor: ``[F, c, gh, gw]``.
    """
    return F.adaptive_avg_pool2d(images, grid_size)


def patch_geometry(depth: Tensor, grid_size: tuple[int, int]) -> PatchGeometry:
    """Geometry of patches, from depth alone.

    Args:
        depth: ``[F, H, W]`` metres; 0, negative and non-finite mean unknown.
        grid_size: Rows and columns of patches.
    """
    height, width = depth.shape[-2:]
    known = torch.isfinite(depth) & (depth > 0)
    log_depth = depth.float().where(known, 1.0).log()
    right, right_known = _differences(log_depth, known, 2)
    down, down_known = _differences(log_depth, known, 1)
    values = torch.stack(
        [log_depth, right * (width / grid_size[1]), down * (height / grid_size[0])],
        dim=1,
    )  # [F, 3, H, W]
    known = torch.stack([known, right_known, down_known], dim=1)
    weight = pool_patches(known.float(), grid_size)
    mean = pool_patches(values.where(known, 0.0), grid_size)
    patch_known = (weight[:, :1] >= 0.5) & (weight > 0)  # [F, 3, gh, gw]
    mean = mean / weight.where(patch_known, 1.0)
    mean = mean.where(patch_known, 0.0)
    return PatchGeometry(mean.permute(0, 2, 3, 1), patch_known.permute(0, 2, 3, 1))


def _differences(values: Tensor, known: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Next pixel minus this one; the last of a line has none."""
    both = known & known.roll(-1, dim)
    both.select(dim, -1).fill_(False)
    return values.roll(-1, dim) - values, both
