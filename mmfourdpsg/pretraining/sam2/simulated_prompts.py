"""Prompts that are simulated from the masks of objects: clicks, boxes, embeddings."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KINDS = ('point', 'box', 'mask', 'embedding')
"""Ways to point at an object: a click, its box, its mask, an embedding of its looks and
place."""


class ObjectClicks(NamedTuple):
    """Clicks and boxes of ``N`` objects in the first frame of a clip.

    Attributes:
        points: ``[N, 2, 2]``, columns and rows in pixels of SAM2's input.
        labels: int32 ``[N, 2]``: 1 a click, 2 and 3 the corners of a box, -1 none.
    """

    points: Tensor
    labels: Tensor


def make_clicks(
    masks: Tensor, kinds: Tensor, image_size: int, noise: float = 0.0
) -> ObjectClicks:
    """Click on objects or put boxes around them.

    Args:
        masks: Visible part ``[N, s, s]`` of each object in 0..1; none may be empty.
        kinds: Index ``[N]`` of each object's kind in :data:`KINDS`.
        image_size: Rows and columns of SAM2's input, in pixels.
        noise: Greatest shift of a box's corner as a share of its side. Above 0 a
            click is sampled anywhere on the object, else it is its most inner pixel.
    """
    scale = image_size / masks.shape[-1]
    labels = torch.full((len(masks), 2), -1, dtype=torch.int32, device=masks.device)
    labels[kinds == KINDS.index('point'), 0] = 1
    box = kinds == KINDS.index('box')
    labels[box] = torch.tensor([2, 3], dtype=torch.int32, device=masks.device)
    corners = mask_boxes(masks)
    if noise:
        side = (corners[:, 1] - corners[:, 0])[:, None]
        corners = corners + (torch.rand_like(corners) * 2 - 1) * noise * side
    points = corners * scale - 0.5
    inner = _any_pixel(masks) if noise else _inner_pixel(masks)
    points[~box, 0] = (inner[~box] + 0.5) * scale - 0.5
    return ObjectClicks(points.clamp(0, image_size - 1), labels)


def mask_boxes(masks: Tensor) -> Tensor:
    """Return first and last corner ``[N, 2, 2]`` of masks, as columns and rows.

    Args:
        masks: ``[N, s, s]`` in 0..1; a pixel counts from a coverage of one half, or
            from half of the mask's greatest where none is covered so far.
    """
    inside = _inside(masks)
    corners = []
    for dimension in (1, 2):
        line = inside.any(dimension).float()  # columns, then rows
        first = line.argmax(1)
        last = line.shape[1] - line.flip(1).argmax(1)
        corners.append(torch.stack([first, last], dim=1))
    return torch.stack(corners, dim=2).float()


def _inside(masks: Tensor) -> Tensor:
    peak = masks.flatten(1).amax(1)[:, None, None]
    return masks >= torch.minimum(peak / 2, torch.full_like(peak, 0.5)).clamp(min=1e-6)


def _any_pixel(masks: Tensor) -> Tensor:
    index = torch.multinomial(_inside(masks).flatten(1).float(), 1)[:, 0]
    return _column_and_row(index, masks.shape[-1])


def _inner_pixel(masks: Tensor) -> Tensor:
    depth = inside = _inside(masks).float()[:, None]
    # Each erosion adds one to what is left: a distance to the border.
    for _ in range(masks.shape[-1] // 2):
        inside = -F.max_pool2d(-inside, 3, stride=1, padding=1)
        if not inside.any():
            break
        depth = depth + inside
    return _column_and_row(depth.flatten(1).argmax(1), masks.shape[-1])


def _column_and_row(index: Tensor, columns: int) -> Tensor:
    return torch.stack([index % columns, index // columns], dim=1).float()


class ObjectEmbedding(nn.Module):
    """One prompt token from an object's mask in a reference frame.

    It stands in for the hidden state behind ``[Obj]``: the same token prompts every
    frame, although the object moves, so the decoder learns to follow an object that is
    described rather than clicked.

    Shapes: ``N`` objects, ``C`` channels, ``g`` rows and columns of the image
    embedding, ``s`` of the masks.

    Args:
        channels: Channels ``C`` of image embedding and prompt tokens.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.Linear(3 * channels, 2 * channels),
            nn.GELU(),
            nn.Linear(2 * channels, channels),
        )

    def forward(
        self, features: Tensor, masks: Tensor, position_encoding: nn.Module
    ) -> Tensor:
        """Return prompt tokens ``[N, C]``.

        Args:
            features: Image embedding of each object's reference frame
                ``[N, C, g, g]``.
            masks: Its mask there ``[N, s, s]`` in 0..1.
            position_encoding: SAM2's encoding of points ``[N, 2, 2]`` in 0..1 as
                ``[N, 2, C]``.
        """
        weights = F.interpolate(masks[:, None], features.shape[-2:], mode='area')
        weights = weights / weights.sum(dim=(2, 3), keepdim=True).clamp(min=1e-6)
        looks = self.norm((features * weights).sum(dim=(2, 3)))
        corners = mask_boxes(masks) / masks.shape[-1]
        place = position_encoding(corners).flatten(1)  # [N, 2 C]
        return self.mlp(torch.cat([looks, place.to(looks.dtype)], dim=1))
