"""When the frames of a clip were taken."""

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
