"""A recording, opened and checked before any model is built."""

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmfourdpsg.datasets.frame_readers import (
    TIME_TOLERANCE,
    DepthDirectoryReader,
    FileSequenceReader,
    open_frames,
)
from mmfourdpsg.datasets.frame_readers.depth_units import check_depth_scale
from mmfourdpsg.utils import InputError

from .depth_summary import DepthSummary
from .no_depth import NoDepth

FRAME_RATES = (0.001, 1000.0)
"""Frames a second that a video file can have."""


class Recording:
    """RGB frames of a video, with depth or without.

    Making one opens the files, pairs them and reads every image once, so that no
    fault of theirs ends a model's work of hours.

    Args:
        rgb: Directory of images, video file or single image.
        depth: Directory of depth maps of the RGB frames' size: images of 16 bits or
            floats, or ``.npy`` or ``.npz`` arrays. They pair with images by the
            numbers in their names, see :func:`pair_frames`; with a video file, which
            has no names, the first with the first, and there have to be as many.
            None: depth counts as unknown.
        depth_scale: Stored units a metre of any kind of file; None takes 1000
            (millimetres) for whole numbers and 1 for floats.
        fps: Frames a second; None takes the video's own, or 8.
        time_tolerance: Seconds by which names that are times may differ in a pair.

    Attributes:
        video_id: Name of the directory, or of the file without its ending.
        frames: Lazy sequence of uint8 ``[H, W, 3]`` RGB.
        depth: Lazy sequence of float32 ``[H, W]`` in metres, 0 = unknown.
        depth_summary: Range and median of the depth; None where there is none.

    Raises:
        InputError: Files are missing, damaged or of mixed sizes, frames and depth do
            not pair, or an option has no sense.
    """

    def __init__(
        self,
        rgb: str | Path,
        depth: str | Path | None = None,
        depth_scale: float | None = None,
        fps: float | None = None,
        time_tolerance: float = TIME_TOLERANCE,
    ) -> None:
        _check_rate(fps, f'{fps} frames a second')
        check_depth_scale(depth_scale)
        self.rgb_path, self.depth_path = str(rgb), str(depth)
        self.frames = open_frames(rgb)
        place = Path(rgb).resolve()
        name = place.name if place.is_dir() else place.stem
        # Python reads what is no UTF-8 as lone surrogates, which cannot be written.
        self.video_id = os.fsencode(name).decode(errors='replace')
        own = self.frames.fps
        if fps is None and own is not None:
            _check_rate(own, f'{rgb}: says {own:g} frames a second')
        self.fps = fps or own or 8.0
        names = getattr(self.frames, 'paths', None)
        self.depth_summary = None
        if depth is None:
            self.depth: NoDepth | DepthDirectoryReader = NoDepth(
                len(self.frames), self.frames.size
            )
        else:
            if not str(depth):
                raise InputError('the path of the depth maps is empty')
            self.depth = DepthDirectoryReader(
                depth, None, depth_scale, frames=names, time_tolerance=time_tolerance
            )
            if len(self.depth) != len(self.frames):
                raise InputError(
                    f'{depth}: holds {len(self.depth)} depth maps, expected '
                    f'{len(self.frames)}, one for each frame of {rgb}'
                )
        if isinstance(self.frames, FileSequenceReader):
            for _ in self.frames:  # each is of the first one's size, or raises
                pass
        if isinstance(self.depth, DepthDirectoryReader):
            self.depth_summary = DepthSummary(self._checked_depth(self.depth))

    def tell(self) -> None:
        """Print what depth there is, and a warning where its unit looks wrong."""
        if self.depth_summary is None:
            print('no depth given: the depth branch is not used', flush=True)
            return
        print(self.depth_summary, flush=True)
        if self.depth_summary.warning:
            print(f'warning: {self.depth_summary.warning}', file=sys.stderr, flush=True)

    def to_results(self) -> dict:
        """Return what an inference pipeline starts from."""
        return dict(
            video_id=self.video_id,
            rgb_path=self.rgb_path,
            depth_path=self.depth_path,
            num_frames=len(self.frames),
            fps=self.fps,
            frame_reader=self.frames,
            depth_reader=self.depth,
            test_mode=True,
        )

    def _checked_depth(self, reader: DepthDirectoryReader) -> Iterator[np.ndarray]:
        size = tuple(self.frames.size)
        for index, depth in enumerate(reader):
            if depth.shape != size:
                raise InputError(
                    f'{reader.paths[index]}: depth has {depth.shape[0]} x '
                    f'{depth.shape[1]} pixels (height x width), expected {size[0]} x '
                    f'{size[1]} as the RGB frames'
                )
            yield depth


def _check_rate(fps: float | None, what: str) -> None:
    low, high = FRAME_RATES
    if fps is not None and not (math.isfinite(fps) and low <= fps <= high):
        raise InputError(f'{what}: expected a number from {low:g} to {high:g} (--fps)')
