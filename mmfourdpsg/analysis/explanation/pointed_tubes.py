"""Masks of objects that SAM2 is shown perfectly: by boxes, or once by a mask."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmfourdpsg.models.tube_decoders.memory_bank import MemoryBank
from mmfourdpsg.models.tube_decoders.prompted_sam2 import (
    FrameMasks,
    FramePrompts,
    SAM2Features,
)
from mmfourdpsg.models.tube_decoders.sam2_tube_decoder import SAM2TubeDecoder
from mmfourdpsg.structures import MaskTube


@torch.no_grad()
def box_ious(
    decoder: SAM2TubeDecoder,
    frames: Sequence[np.ndarray],
    tubes: Sequence[MaskTube],
) -> list[float | None]:
    """Return the volume IoU of objects whose true box is given in every frame.

    Each frame is segmented alone, without memory; where an object is not shown, it has
    no box and no mask.

    Args:
        decoder: Has the SAM2.
        frames: uint8 RGB ``[H, W, 3]`` each.
        tubes: True tubes at the frames' size, none of them empty.
    """
    pointer, overlap = _Pointer(decoder), _Overlap(len(tubes))
    boxes = [tube.boxes() for tube in tubes]
    for frame in range(len(frames)):
        shown = [i for i, tube in enumerate(tubes) if frame in tube.rles]
        if not shown:
            continue
        prompts = pointer.boxes([boxes[i][frame] for i in shown], tubes[0])
        features = pointer.encode(frames[frame])
        memory = decoder.sam2.new_memory_bank()
        found = pointer.track(features, prompts, memory, last=True)
        overlap.add(shown, found.logits, _masks(tubes, shown, frame))
    return overlap.ious()


@torch.no_grad()
def first_mask_ious(
    decoder: SAM2TubeDecoder,
    frames: Sequence[np.ndarray],
    tubes: Sequence[MaskTube],
) -> list[float | None]:
    """Return the volume IoU of objects whose true mask is given once, in later frames.

    The mask is given in the first frame that shows an object; memory alone follows it
    from there to the end of the video. None where no later frame shows the object.

    Args:
        decoder: Has the SAM2.
        frames: uint8 RGB ``[H, W, 3]`` each.
        tubes: True tubes at the frames' size, none of them empty.
    """
    pointer, overlap = _Pointer(decoder), _Overlap(len(tubes))
    groups: dict[int, list[int]] = {}
    for index, tube in enumerate(tubes):
        groups.setdefault(tube.frames[0], []).append(index)
    memories = {start: decoder.sam2.new_memory_bank() for start in groups}
    for frame in range(min(groups, default=len(frames)), len(frames)):
        features = pointer.encode(frames[frame])
        for start, group in groups.items():
            true = _masks(tubes, group, frame)
            if frame == start:
                pointer.track(features, pointer.masks(true), memories[start])
            elif frame > start:
                prompts = pointer.nothing(len(group))
                found = pointer.track(features, prompts, memories[start])
                absent = (found.object_score <= 0)[:, None, None]
                overlap.add(group, found.logits.masked_fill(absent, -1.0), true)
    return [
        iou if len(tube) > 1 else None
        for iou, tube in zip(overlap.ious(), tubes, strict=True)
    ]


class _Pointer:
    """Prompts the SAM2 of a tube decoder with what is known of objects.

    Beside it each has the token that says that there is no embedding, since 4D-LLM's
    SAM2 has always one more token than SAM2.

    Shapes: ``n`` objects, ``S`` rows and columns of SAM2's input, ``C`` prompt
    channels.
    """

    def __init__(self, decoder: SAM2TubeDecoder) -> None:
        self.decoder = decoder
        self.token = decoder.sam2.sam_prompt_encoder.not_a_point_embed.weight  # [1, C]

    def encode(self, frame: np.ndarray) -> SAM2Features:
        """Run the backbone on a frame, uint8 RGB ``[H, W, 3]``."""
        # A copy: readers may hand out frames that must not be written to.
        image = torch.as_tensor(np.array(frame, order='C'), device=self.token.device)
        return self.decoder.encode(self.decoder.images(image.permute(2, 0, 1)[None]))

    def track(
        self,
        features: SAM2Features,
        prompts: FramePrompts,
        memory: MemoryBank,
        last: bool = False,
    ) -> FrameMasks:
        """Find objects in a frame; what is given by a mask counts as there."""
        rows = torch.zeros(len(prompts.tokens), dtype=torch.long)
        shared = features.select(rows.to(self.token.device))
        return self.decoder.sam2.track(
            shared, prompts, memory, present=prompts.has_mask, last=last
        )

    def nothing(self, count: int) -> FramePrompts:
        """Return prompts that say nothing of any object."""
        device = self.token.device
        return FramePrompts(
            torch.zeros(count, 2, 2, device=device),
            torch.full((count, 2), -1, dtype=torch.int32, device=device),
            tokens=self.token.expand(count, -1)[:, None],
        )

    def boxes(
        self, boxes: Sequence[tuple[float, float, float, float]], tube: MaskTube
    ) -> FramePrompts:
        """Return prompts of boxes in frames of a tube's size."""
        device, size = self.token.device, self.decoder.sam2.image_size
        corners = torch.tensor(boxes, device=device).reshape(-1, 2, 2)
        scale = corners.new_tensor([size / tube.width, size / tube.height])
        labels = torch.tensor([2, 3], dtype=torch.int32, device=device)
        return self.nothing(len(boxes))._replace(
            points=(corners * scale - 0.5).clamp(0, size - 1),
            labels=labels.expand(len(boxes), -1),
        )

    def masks(self, masks: np.ndarray) -> FramePrompts:
        """Return prompts of masks bool ``[n, H, W]``."""
        known = torch.as_tensor(masks, device=self.token.device)
        size = (self.decoder.loss_size, self.decoder.loss_size)
        given = F.interpolate(known[:, None].float(), size, mode='area')[:, 0]
        return self.nothing(len(masks))._replace(
            masks=given, has_mask=torch.ones_like(known[:, 0, 0])
        )


class _Overlap:
    """Sums intersection and union of the masks of ``N`` objects over frames."""

    def __init__(self, count: int) -> None:
        self.common, self.union = np.zeros(count), np.zeros(count)

    def add(self, places: list[int], logits: Tensor, true: np.ndarray) -> None:
        """Add a frame.

        Args:
            places: Which ``n`` objects.
            logits: Their raw masks ``[n, h, w]``.
            true: Their true masks, bool ``[n, H, W]``.
        """
        full = F.interpolate(logits[:, None], true.shape[1:], mode='bilinear')[:, 0]
        found = (full > 0).cpu().numpy()
        self.common[places] += (found & true).sum(axis=(1, 2))
        self.union[places] += (found | true).sum(axis=(1, 2))

    def ious(self) -> list[float | None]:
        """Return the volume IoU of each, None where both sides are empty."""
        return [
            float(common / union) if union else None
            for common, union in zip(self.common, self.union, strict=True)
        ]


def _masks(tubes: Sequence[MaskTube], places: list[int], frame: int) -> np.ndarray:
    """Return masks bool ``[n, H, W]``, empty where an object is not shown."""
    return np.stack([tubes[place].decode(frame) for place in places])
