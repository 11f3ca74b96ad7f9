"""Training batch of the tube decoder as flat lists of frames and objects."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class TrainingClip:
    """Frames and objects of a batch that the tube decoder trains on.

    Shapes: ``N`` objects of all videos, ``K`` frames a video.

    Attributes:
        frames: One a video with objects, uint8 ``[k, 3, h, w]`` without padding.
        prompts: Prompt embeddings ``[N, C]``.
        rows: Place ``[N, K]`` of each object's frames among all ``frames``; the
            last frame again after a short video's end.
        real: bool ``[N, K]``, False after a video's end.
        present: bool ``[N, K]``, True where the object is visible.
        targets: Masks ``[N, K, s, s]`` in 0..1, the covered part of each pixel.
    """

    frames: list[Tensor]
    prompts: Tensor
    rows: Tensor
    real: Tensor
    present: Tensor
    targets: Tensor


def make_training_clip(
    rgb: Tensor,
    frame_mask: Tensor,
    prompts: list[Tensor],
    gt_masks: list[Tensor],
    img_shapes: list[tuple[int, int]],
    loss_size: int,
    max_frames: int | None = None,
    max_objects: int | None = None,
    videos: Collection[int] | None = None,
) -> TrainingClip | None:
    """Choose frames and objects, and cut the padding off.

    Args:
        rgb: uint8 ``[B, T, 3, H, W]``.
        frame_mask: bool ``[B, T]``, False on padding.
        prompts: One ``[N_b, C]`` a video.
        gt_masks: One bool ``[N_b, T, h, w]`` a video; may be shorter than ``T``, or
            padded beyond the frame.
        img_shapes: Rows and columns ``(h, w)`` that are not padding, one a video.
        loss_size: Rows and columns ``s`` of the targets, in pixels.
        max_frames: Frames to take of a video, evenly spaced at a random offset;
            None takes all.
        max_objects: Objects to take of a video at random; None takes all.
        videos: Indices of the videos to take; None takes all.

    Returns:
        TrainingClip | None: None if no video that is taken has an object.
    """
    device, step = rgb.device, 0
    parts: dict[str, list[Tensor]] = dict(
        frames=[], prompts=[], rows=[], present=[], targets=[]
    )
    for b, (height, width) in enumerate(img_shapes):
        if videos is not None and b not in videos:
            continue
        chosen = _choose_objects(len(prompts[b]), max_objects, device)
        frames = frame_mask[b].nonzero()[:, 0]
        if len(chosen) == 0 or len(frames) == 0:
            continue
        frames = _choose_frames(frames, max_frames)
        masks = gt_masks[b].to(device)[chosen][:, frames, :height, :width]
        targets = F.interpolate(masks.float(), (loss_size, loss_size), mode='area')
        parts['frames'].append(rgb[b, frames, :, :height, :width])
        parts['prompts'].append(prompts[b][chosen])
        rows = step + torch.arange(len(frames), device=device)
        parts['rows'].append(rows.expand(len(chosen), -1))
        parts['present'].append(masks.flatten(2).any(2))
        parts['targets'].append(targets)
        step += len(frames)
    if not parts['frames']:
        return None
    length = max(rows.shape[1] for rows in parts['rows'])
    real = [torch.ones_like(rows, dtype=torch.bool) for rows in parts['rows']]
    rows = [
        torch.cat([rows, rows[:, -1:].expand(-1, length - rows.shape[1])], dim=1)
        for rows in parts['rows']
    ]
    return TrainingClip(
        parts['frames'],
        torch.cat(parts['prompts']),
        torch.cat(rows),
        _pad_time(real, length),
        _pad_time(parts['present'], length),
        _pad_time(parts['targets'], length),
    )


def choose_videos(counts: list[int], share: float) -> tuple[list[int], float]:
    """Choose the videos of a batch whose masks are learned in a step, at random.

    Of ``n`` videos with objects, ``n * share`` are taken on average: its whole part,
    and one more with the probability of the rest. Where that is less than one video a
    step, steps without any alternate by chance with steps of one, whose losses weigh
    ``1 / (n * share)``. So the expectation over the choice of a weighted loss, which is
    a mean over pairs of an object and a frame, is the mean over the pairs of all ``n``
    videos where these have equally many. Where they have not, a small video counts a
    little more than it would beside the others, as it does from batch to batch.

    Args:
        counts: Objects of each video.
        share: In 0..1. With 1 all videos are taken and nothing is sampled.

    Returns:
        Indices of the videos, ascending, and the weight of their losses.
    """
    known = [b for b, count in enumerate(counts) if count]
    if share >= 1 or not known:
        return known, 1.0
    wanted = len(known) * share
    # On the CPU, so that one seed means one choice on every device.
    number = math.floor(wanted + torch.rand(()).item())
    places = torch.randperm(len(known))[:number].sort().values.tolist()
    return [known[place] for place in places], max(1.0, 1.0 / wanted)


def _pad_time(items: list[Tensor], length: int) -> Tensor:
    """Concatenate ``[n, k, ...]``, each padded with zeros to ``[n, length, ...]``."""
    return torch.cat(
        [
            torch.cat(
                [x, x.new_zeros(len(x), length - x.shape[1], *x.shape[2:])], dim=1
            )
            for x in items
        ]
    )


def _choose_objects(count: int, limit: int | None, device: torch.device) -> Tensor:
    if limit is None or count <= limit:
        return torch.arange(count, device=device)
    # On the CPU, so that one seed means one choice on every device.
    return torch.randperm(count)[:limit].sort().values.to(device)


def _choose_frames(frames: Tensor, limit: int | None) -> Tensor:
    if limit is None or len(frames) <= limit:
        return frames
    step = len(frames) / limit
    places = (torch.arange(limit) + torch.rand(())) * step
    return frames[places.long().clamp(max=len(frames) - 1).to(frames.device)]
