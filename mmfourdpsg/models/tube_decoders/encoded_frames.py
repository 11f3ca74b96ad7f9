"""Frames of a video as SAM2 sees them."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from mmfourdpsg.utils import InputError

from .prompted_sam2 import SAM2Features


class EncodedFrames:
    """Encodes the frames of a video, each when it is asked for.

    Args:
        frames: uint8 RGB ``[H, W, 3]`` each; only ``len`` and ``[i]`` are used.
        encode: Returns the features of frames uint8 ``[F, 3, H, W]``.
        device: Where they are encoded.
        known: Features of some frames, by index, which are not encoded again.

    Attributes:
        size: Rows and columns of the first frame, in pixels.
    """

    def __init__(
        self,
        frames: Sequence[np.ndarray],
        encode: Callable[[Tensor], SAM2Features],
        device: torch.device,
        known: dict[int, SAM2Features] | None = None,
    ) -> None:
        self._frames = frames
        self._encode = encode
        self._device = device
        self._known = known or {}
        height, width = frames[0].shape[:2]
        self.size = height, width

    def __len__(self) -> int:
        """Return how many frames there are."""
        return len(self._frames)

    def __getitem__(self, index: int) -> SAM2Features:
        """Return the features of a frame, one row of each level.

        Raises:
            InputError: The frame has another size than the first.
        """
        if index in self._known:
            return self._known[index]
        frame = self._frames[index]
        if frame.shape != (*self.size, 3):
            raise InputError(
                f'frame {index} has shape {tuple(frame.shape)}, expected '
                f'{(*self.size, 3)} as frame 0'
            )
        # A copy: readers may hand out frames that must not be written to.
        image = torch.as_tensor(np.array(frame, order='C'), device=self._device)
        return self._encode(image.permute(2, 0, 1)[None])

    def spread(self, count: int) -> list[int]:
        """Return ``count`` frames at even distances, the first frame first."""
        count = min(count, len(self))
        return [place * len(self) // count for place in range(count)]
