"""Targets on the patch grid: geometry from depth, objects from masks."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils import InputError


class ObjectPatches(NamedTuple):
    """The objects of a batch, frame by frame, padded to the same number.

    Shapes: F real frames of all videos in order, M objects of the richest video (at
    least 1), gh x gw patches.

    Attributes:
        coverage: ``[F, M, gh, gw]`` covered fraction of each patch, 0 for padding.
        labels: int64 ``[F, M]`` index of each object's name, -1 for padding.
    """

    coverage: Tensor
    labels: Tensor


def object_patches(
    data_samples: Sequence[SceneGraphDataSample],
    categories: Sequence[str],
    image_size: tuple[int, int],
    grid_size: tuple[int, int],
    device: torch.device,
) -> ObjectPatches:
    """Put the masks of all objects on the grid.

    Args:
        data_samples: Each with ``gt_scene_graph`` of N objects and ``gt_masks`` bool
            ``[N, T, h, w]``.
        categories: All names.
        image_size: Rows and columns of the batch's images, which are padded at the
            bottom and right.
        grid_size: Rows and columns of patches that these images are cut into.
        device: Where the result shall be.

    Raises:
        InputError: An object has a name that is not among ``categories``.
    """
    indices = {name: index for index, name in enumerate(categories)}
    num_objects = max([len(item.gt_masks) for item in data_samples] + [1])
    coverage, labels = [], []
    for sample in data_samples:
        masks = sample.gt_masks.to(device).transpose(0, 1).float()  # [T, N, h, w]
        padding = num_objects - masks.shape[1]
        rows, columns = (
            size - own for size, own in zip(image_size, masks.shape[2:], strict=True)
        )
        masks = F.pad(masks, (0, columns, 0, rows))
        pooled = (
            pool_patches(masks, grid_size)
            if masks.numel()
            else masks.new_zeros(*masks.shape[:2], *grid_size)
        )
        coverage.append(F.pad(pooled, (0, 0, 0, 0, 0, padding)))
        own = [_index(indices, item.category, sample) for item in _objects(sample)]
        own = torch.tensor(own + [-1] * padding, device=device)
        labels.append(own.expand(len(masks), -1))
    return ObjectPatches(torch.cat(coverage), torch.cat(labels))


def object_means(
    features: Tensor, coverage: Tensor, min_coverage: float = 0.25
) -> tuple[Tensor, Tensor]:
    """Mean features of objects, weighted by how much of each patch they cover.

    Args:
        features: ``[F, gh, gw, C]``.
        coverage: ``[F, M, gh, gw]``.
        min_coverage: Patches that an object covers at least, in sum, to be shown.

    Returns:
        tuple[Tensor, Tensor]: ``[F, M, C]``, and bool ``[F, M]``: is it shown?
    """
    total = coverage.sum(dim=(2, 3))  # [F, M]
    weight = coverage / total.clamp(min=1e-6)[:, :, None, None]
    means = torch.einsum('fmhw,fhwc->fmc', weight, features.float())
    return means, total >= min_coverage


def _objects(sample: SceneGraphDataSample) -> list:
    objects = sample.gt_scene_graph.objects
    if len(objects) != len(sample.gt_masks):
        raise ValueError(
            f'{sample.video_id} has {len(objects)} objects and '
            f'{len(sample.gt_masks)} masks'
        )
    return objects


def _index(indices: dict[str, int], name: str, sample: SceneGraphDataSample) -> int:
    if name not in indices:
        raise InputError(
            f'video {sample.video_id} has an object of category {name!r}, expected '
            f'one of the {len(indices)} categories of the config'
        )
    return indices[name]


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
