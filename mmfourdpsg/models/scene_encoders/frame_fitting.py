"""Fitting of frames into the square input of an encoder, at their aspect ratio.

A frame is resized until it fits into the input, with nothing cut off, since whatever is
cut off could not be named; what is left of the input is padded. Behind the encoder the
patches are resampled so that the grid covers the frame alone: no token is of padding,
places count from 0 to 1 of the frame, and patches of RGB and depth lie on each other.

Shape legend:
    N frames, H x W pixels of the input, h x w of the frame within it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def fitted_size(size: tuple[int, int], bounds: tuple[int, int]) -> tuple[int, int]:
    """Return rows and columns of a frame when it just fits.

    Args:
        size: Rows and columns of the frame.
        bounds: Rows and columns of the input.
    """
    scale = min(bound / side for side, bound in zip(size, bounds, strict=True))
    rows, columns = (
        min(max(round(side * scale), 1), bound)
        for side, bound in zip(size, bounds, strict=True)
    )
    return rows, columns


def pad_evenly(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Put images into the middle of zeros.

    Args:
        images: ``[N, c, h, w]``.
        size: Rows and columns ``H`` and ``W``.

    Returns:
        Tensor: ``[N, c, H, W]``.
    """
    top, left = _margins(images.shape[-2:], size)
    bottom = size[0] - images.shape[-2] - top
    right = size[1] - images.shape[-1] - left
    return F.pad(images, (left, right, top, bottom))


def patches_of_frame(
    features: Tensor,
    fitted: tuple[int, int],
    size: tuple[int, int],
    grid_size: tuple[int, int],
) -> Tensor:
    """Resample patch features so that the grid covers the frame and no padding.

    Args:
        features: ``[N, rows, columns, C]`` of the whole input.
        fitted: Rows and columns ``h`` and ``w`` of the frame within it.
        size: Rows and columns ``H`` and ``W`` of the input.
        grid_size: Rows and columns ``gh`` and ``gw`` of patches that are wanted.

    Returns:
        Tensor: ``[N, gh, gw, C]``, bilinear.
    """
    (top, left), (rows, columns) = _margins(fitted, size), fitted
    # In float32: bfloat16 would round places.
    images = features.permute(0, 3, 1, 2).float()
    # What -1..1 of the frame is of -1..1 of the input.
    theta = images.new_tensor(
        [
            [columns / size[1], 0.0, (2 * left + columns) / size[1] - 1],
            [0.0, rows / size[0], (2 * top + rows) / size[0] - 1],
        ]
    )
    with torch.autocast(images.device.type, enabled=False):
        grid = F.affine_grid(
            theta.expand(len(images), -1, -1),
            [len(images), 1, *grid_size],
            align_corners=False,
        )
        images = F.grid_sample(
            images, grid, mode='bilinear', padding_mode='border', align_corners=False
        )
    return images.permute(0, 2, 3, 1).to(features.dtype)


def _margins(fitted: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """Return the rows above and the columns left of the frame."""
    return (size[0] - fitted[0]) // 2, (size[1] - fitted[1]) // 2
