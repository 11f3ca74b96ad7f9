"""SAM2 in inference: looks for objects in some frames, and follows them through all."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .decoded_tubes import DecodedTubes, TubeCollector
from .encoded_frames import EncodedFrames
from .mask_overlaps import MaskOverlaps
from .memory_bank import MemoryBank
from .prompted_sam2 import FrameMasks, PromptedSAM2, SAM2Features


class ObjectLook(NamedTuple):
    """What a look at a few frames tells of ``N`` objects.

    Attributes:
        overlaps: IoU ``[N, N]`` of the masks of each two, over all of these frames.
        ious: Mean IoU ``[N]`` that the decoder expects of an object's masks, over those
            of the frames in which it is found; 0 if there are none.
        features: Features of the frames, by index.
    """

    overlaps: Tensor
    ious: Tensor
    features: dict[int, SAM2Features]


class ObjectFollower:
    """Runs SAM2 over the frames of one video, for all objects in each frame.

    A frame is encoded once, and what its objects have in common stands there once.

    Shapes: ``N`` objects, ``C`` channels of SAM2, ``H`` x ``W`` pixels of a frame.

    Args:
        sam2: The model.
        encode: Returns SAM2's features of frames uint8 ``[F, 3, H, W]``.
        objects_per_pass: Objects that go through SAM2 at once.
        min_area: Smallest mask that a tube keeps, in pixels of the frame.
        dtype: Type in which all of it runs, by autocast, such as ``'bfloat16'``; None
            leaves that to an autocast around it.
    """

    def __init__(
        self,
        sam2: PromptedSAM2,
        encode: Callable[[Tensor], SAM2Features],
        objects_per_pass: int,
        min_area: int,
        dtype: str | None = None,
    ) -> None:
        self.sam2 = sam2
        self.encode = encode
        self.objects_per_pass = objects_per_pass
        self.min_area = min_area
        self.dtype = dtype

    def look(
        self, frames: Sequence[np.ndarray], tokens: Tensor, num_frames: int
    ) -> ObjectLook:
        """Look for objects in a few frames, in each as if it were the first one.

        That costs little, and tells which of them are one thing.

        Args:
            frames: As of :meth:`follow`.
            tokens: Prompt tokens ``[N, C]``.
            num_frames: How many frames, spread over the video from the first one on.
        """
        count = len(tokens)
        encoded = EncodedFrames(frames, self.encode, tokens.device)
        overlaps, totals = MaskOverlaps(count), torch.zeros(count)
        seen = torch.zeros(count, dtype=torch.long)
        features = {}
        for index in encoded.spread(num_frames) if count else ():
            with self._autocast(tokens.device):
                features[index] = encoded[index]
                found = self._find(features[index], tokens, self._memories(count), True)
            visible = found.object_score > 0
            overlaps.add(found.logits, visible)
            totals += (found.iou * visible).cpu()
            seen += visible.cpu()
        return ObjectLook(overlaps.ious(), totals / seen.clamp(min=1), features)

    def follow(
        self,
        frames: Sequence[np.ndarray],
        tokens: Tensor,
        weights: Tensor | None = None,
        features: dict[int, SAM2Features] | None = None,
    ) -> DecodedTubes:
        """Follow objects through a whole video.

        Frames are read one at a time, and memory does not grow with their number.

        Args:
            frames: uint8 RGB ``[H, W, 3]`` each; only ``len`` and ``[i]`` are used.
            tokens: Prompt tokens ``[N, C]``; ``N`` may be 0.
            weights: What each object counts ``[N]`` where several claim a pixel, see
                :class:`TubeCollector`; None leaves the masks as they are.
            features: Of frames that were looked at, by index.

        Returns:
            DecodedTubes: Of the ``N`` objects, at the frames' size.

        Raises:
            InputError: A frame has another size than the first.
        """
        count = len(tokens)
        encoded = EncodedFrames(frames, self.encode, tokens.device, features)
        collector = TubeCollector(
            count, encoded.size, weights, self.min_area, self.objects_per_pass
        )
        memories = self._memories(count)
        for index in range(len(frames)) if count else ():
            is_last = index == len(frames) - 1
            with self._autocast(tokens.device):
                found = self._find(encoded[index], tokens, memories, is_last)
            collector.add(index, found.logits, found.iou, found.object_score > 0)
        return collector.result()

    def _find(
        self,
        features: SAM2Features,
        tokens: Tensor,
        memories: Sequence[MemoryBank],
        last: bool,
    ) -> FrameMasks:
        """Return the masks of all objects in one frame.

        Args:
            features: Of the frame.
            tokens: Prompt tokens ``[N, C]``.
            memories: A bank for each pass; the frame is added to them.
            last: Whether it is not, as no frame follows.
        """
        found = [
            self.sam2.track(features, group, memory, last=last)
            for group, memory in zip(
                tokens.split(self.objects_per_pass), memories, strict=True
            )
        ]
        return FrameMasks(*(torch.cat(parts) for parts in zip(*found, strict=True)))

    def _memories(self, count: int) -> list[MemoryBank]:
        """Return an empty bank for each pass of a number of objects."""
        return [
            self.sam2.new_memory_bank() for _ in range(0, count, self.objects_per_pass)
        ]

    def _autocast(self, device: torch.device) -> AbstractContextManager:
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(device.type, getattr(torch, self.dtype))
