"""Mask tube: the run-length encoded masks of one object."""

from collections.abc import Iterable, Mapping

import numpy as np
from pycocotools import mask as coco_mask

from .span import Span


class MaskTube:
    """The pixels of one object in every frame where it is visible.

    Shapes: ``H`` rows, ``W`` columns, in pixels of the original video.

    Args:
        height: Rows of every mask, in pixels.
        width: Columns of every mask, in pixels.
        rles: Frame index -> COCO compressed run-length encoding
            ``{'size': [H, W], 'counts': str}``. Frames where the object is
            absent have no entry; entries of empty masks are left out.

    Raises:
        ValueError: A frame index is negative, or an encoding is not of the size
            that the tube has.
    """

    __slots__ = ('height', 'rles', 'width')

    def __init__(self, height: int, width: int, rles: Mapping[int, dict]) -> None:
        self.height = int(height)
        self.width = int(width)
        self.rles: dict[int, dict] = {}
        for frame in sorted(rles):
            rle = rles[frame]
            if frame < 0:
                raise ValueError(f'tube has a mask at frame {frame}, before frame 0')
            if list(rle['size']) != [self.height, self.width]:
                raise ValueError(
                    f'mask at frame {frame} has size {list(rle["size"])}, '
                    f'expected [{self.height}, {self.width}]'
                )
            if coco_mask.area(rle) > 0:
                self.rles[int(frame)] = rle

    @classmethod
    def from_masks(
        cls, masks: Mapping[int, np.ndarray], height: int, width: int
    ) -> 'MaskTube':
        """Encode dense masks.

        Args:
            masks: Frame index -> boolean array ``[H, W]``.
            height: Rows of every mask, in pixels.
            width: Columns of every mask, in pixels.

        Returns:
            The tube; frames whose mask is empty are absent from it.

        Raises:
            ValueError: A mask is not ``[H, W]``.
        """
        rles = {}
        for frame, mask in masks.items():
            if mask.shape != (height, width):
                raise ValueError(
                    f'mask at frame {frame} has shape {mask.shape}, '
                    f'expected ({height}, {width})'
                )
            rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
            rles[frame] = dict(size=[height, width], counts=rle['counts'].decode())
        return cls(height, width, rles)

    @property
    def frames(self) -> list[int]:
        """The frames in which the object is visible, ascending."""
        return list(self.rles)

    def __bool__(self) -> bool:
        return bool(self.rles)

    def __len__(self) -> int:
        return len(self.rles)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MaskTube):
            return NotImplemented
        return (self.height, self.width, self.to_json()) == (
            other.height,
            other.width,
            other.to_json(),
        )

    def __repr__(self) -> str:
        return f'MaskTube({self.height}x{self.width}, frames={self.frames})'

    def decode(self, frame: int) -> np.ndarray:
        """Return the boolean mask ``[H, W]`` of a frame, all False when absent."""
        if frame not in self.rles:
            return np.zeros((self.height, self.width), dtype=bool)
        return coco_mask.decode(self.rles[frame]).astype(bool)

    def restrict(self, span: Span) -> 'MaskTube':
        """Return the tube with only the frames of ``span``."""
        # By the tube's frames: a predicted span may be absurdly long.
        return self.select(
            frame
            for frame in self.rles
            if any(start <= frame <= end for start, end in span)
        )

    def select(self, frames: Iterable[int]) -> 'MaskTube':
        """Return the tube with only the given frames."""
        kept = {frame: self.rles[frame] for frame in frames if frame in self.rles}
        return MaskTube(self.height, self.width, kept)

    def area(self) -> int:
        """Return the tube's volume: its pixels summed over all frames."""
        # One by one: pycocotools fails on a list of more than 255 encodings.
        return sum(int(coco_mask.area(rle)) for rle in self.rles.values())

    def boxes(self) -> dict[int, tuple[float, float, float, float]]:
        """Return frame -> tight box ``(x1, y1, x2, y2)`` in pixels."""
        boxes = {}
        for frame, rle in self.rles.items():
            x, y, w, h = coco_mask.toBbox(rle).tolist()
            boxes[frame] = (x, y, x + w, y + h)
        return boxes

    def to_json(self) -> dict[str, dict]:
        """Return the tube as the JSON format has it: frames as strings."""
        return {
            str(frame): dict(size=[self.height, self.width], counts=rle_counts(rle))
            for frame, rle in self.rles.items()
        }

    @classmethod
    def from_json(
        cls, value: Mapping[str, dict], height: int, width: int
    ) -> 'MaskTube':
        """Build a tube from the JSON format.

        Args:
            value: Frame as a string -> run-length encoding.
            height: Rows that every mask must have.
            width: Columns that every mask must have.

        Returns:
            The tube.

        Raises:
            ValueError: A frame is not a number, or an encoding is malformed,
                overruns its size or has another size than expected.
        """
        rles = {}
        for key, rle in value.items():
            if not key.isdecimal() or len(key) > 9:
                raise ValueError(f'tube has the frame {key!r}, expected a number')
            _check_rle(rle, f'mask at frame {key}', height, width)
            frame = int(key)
            if frame in rles:
                raise ValueError(f'tube has two masks at frame {frame}')
            rles[frame] = dict(size=[height, width], counts=rle['counts'])
        return cls(height, width, rles)


def rle_counts(rle: dict) -> str:
    """Return the counts of a compressed run-length encoding as text."""
    counts = rle['counts']
    return counts.decode() if isinstance(counts, bytes) else counts


def _check_rle(rle: object, name: str, height: int, width: int) -> None:
    """Reject what pycocotools would read past the end of, or misread."""
    if (
        not isinstance(rle, dict)
        or not isinstance(rle.get('counts'), str)
        or not isinstance(rle.get('size'), list)
    ):
        raise ValueError(
            f"{name} is not a run-length encoding {{'size': [height, width], "
            "'counts': text}"
        )
    if rle['size'] != [height, width]:
        raise ValueError(f'{name} has size {rle["size"]}, expected {[height, width]}')
    try:
        total = sum(decode_rle_counts(rle['counts']))
    except ValueError as error:
        raise ValueError(f'{name}: {error}') from None
    if total != height * width:
        raise ValueError(
            f'{name} encodes {total} pixels, expected {height * width} '
            f'({height} x {width})'
        )


def decode_rle_counts(counts: str) -> list[int]:
    """Decode COCO's compressed counts into run lengths.

    Each number is written in groups of five bits, least significant first, as
    characters from 48 on; bit 5 says that more follow. From the fourth number on
    the difference to the number two places before is stored (COCO API, maskApi.c).

    Args:
        counts: The compressed text.

    Returns:
        Run lengths in pixels, column by column, starting with background.

    Raises:
        ValueError: The text has a character outside the code, stops within a
            number, or holds a negative run.
    """
    # In numpy rather than a loop: a file of predictions holds millions of numbers.
    try:
        codes = np.frombuffer(counts.encode('ascii'), dtype=np.uint8).astype(np.int64)
    except UnicodeEncodeError:
        raise ValueError('counts hold a character outside the code') from None
    codes = codes - 48
    if codes.size == 0:
        return []
    if codes.min() < 0 or codes.max() > 63:
        raise ValueError('counts hold a character outside the code')
    last = (codes & 0x20) == 0
    if not last[-1]:
        raise ValueError('counts stop within a number')
    ends = np.flatnonzero(last)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > 7:
        raise ValueError('counts hold a number of more than 32 bits')
    place = np.arange(codes.size) - np.repeat(starts, lengths)
    values = np.add.reduceat((codes & 0x1F) << (5 * place), starts)
    negative = (codes[ends] & 0x10) != 0
    values = values - np.where(negative, np.int64(1) << (5 * lengths), 0)
    # Undo the differences: two interleaved running sums from the second number on.
    for offset in (1, 2):
        values[offset::2] = np.cumsum(values[offset::2])
    runs = values
    if runs.min() < 0:
        raise ValueError('counts hold a negative run')
    return runs.tolist()
