"""Times of the sampled frames, of real and of pseudo-4D scenes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample


def frame_times(
    data_samples: Sequence[SceneGraphDataSample], frame_mask: Tensor
) -> Tensor:
    """Return the moments ``[B, T]`` of sampled frames in 0..1 of their videos.

    Args:
        data_samples: ``B`` of them, with ``frame_indices`` and ``num_frames``.
        frame_mask: bool ``[B, T]``, False on padding, where the moment is 0.
    """
    times = torch.zeros(frame_mask.shape, device=frame_mask.device)
    for row, sample in zip(times, data_samples, strict=True):
        # A frame lasts from s/T to (s+1)/T of the video; this is its middle.
        indices = torch.as_tensor(sample.frame_indices, dtype=row.dtype)
        row[: len(indices)] = (indices + 0.5) / sample.num_frames
    return times


def pseudo_frame_times(
    data_samples: Sequence[SceneGraphDataSample], frame_mask: Tensor, num_frames: int
) -> tuple[Tensor, Tensor]:
    """Return mask and moments of the frames of pseudo-4D scenes.

    A scene that is made of an image has frames at even distances; one that is made
    of a video's first frame has those that were sampled of the video.

    Args:
        data_samples: ``B`` of them, with ``frame_indices`` and ``num_frames``.
        frame_mask: bool ``[B, T_0]``, False on padding.
        num_frames: Frames of a scene that is made of an image.

    Returns:
        tuple[Tensor, Tensor]: bool ``[B, T]`` and moments ``[B, T]`` in 0..1.
    """
    counts = [
        num_frames if sample.num_frames == 1 else int(given)
        for sample, given in zip(data_samples, frame_mask.sum(dim=1), strict=True)
    ]
    steps = torch.arange(max(counts), device=frame_mask.device)
    mask = steps < torch.tensor(counts, device=frame_mask.device)[:, None]  # [B, T]
    times = torch.zeros(mask.shape, device=mask.device)
    for row, sample, count in zip(times, data_samples, counts, strict=True):
        if sample.num_frames == 1:
            row[:] = (steps + 0.5) / count
        else:
            indices = torch.as_tensor(sample.frame_indices, dtype=row.dtype)
            row[:count] = (indices + 0.5) / sample.num_frames
    return mask, times * mask
