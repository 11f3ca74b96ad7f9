"""Index of a video file's frames, made before they are decoded."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from mmfourdpsg.utils import InputError

from .video_decoder import VideoDecoder

# Headers that do not know the rate tell how fine times are: 1000 or 90000 a second.
_CLOCK = 1000


@dataclass(frozen=True)
class VideoIndex:
    """The frames of a video file that a player shows.

    Attributes:
        times: When each is shown, in the stream's own unit; None if not told.
        size: Height and width of all, upright, in pixels.
        pixels: FFmpeg's name of the format of their pixels.
        fps: Frames a second, the mean if they come at uneven times; None if not told.
        stand_alone: Whether each can be decoded by itself, at its time.
        num_lost: How many more are in the file, but damaged or cut off.
    """

    times: list[int | None]
    size: tuple[int, int]
    pixels: str
    fps: float | None
    stand_alone: bool
    num_lost: int = 0


def index_packets(path: str | Path) -> VideoIndex:
    """Find the frames that a file says it has, decoding only the first.

    Damaged ones are among them; ``num_lost`` counts those that are cut off.

    Args:
        path: A file that FFmpeg reads.

    Raises:
        InputError: The file is missing or no video, no frame of it can be decoded, or
            it is shown turned by other than quarter turns.
    """
    with VideoDecoder(path) as video:
        times, all_keys = [], True
        for packet in video.packets():
            all_keys &= packet.is_keyframe
            if not (packet.is_discard or _is_hidden(packet)):
                times.append(packet.pts)
        is_told = None not in times and len(set(times)) == len(times)
        times = sorted(times) if is_told else [None] * len(times)
        num_cut = max(0, _count_listed(video) - len(times))
        fps = _frame_rate(times, video.stream)
        stand_alone = all_keys and _can_be_found(times, video.stream)
    with VideoDecoder(path) as video:
        first = next(video.frames(), None)
        if first is None:
            raise InputError(
                f'{path}: is truncated or no video (no frame in it), expected a video '
                'file'
            )
    pixels = first.frame.format.name
    return VideoIndex(times, first.size, pixels, fps, stand_alone, num_cut)


def index_frames(path: str | Path) -> VideoIndex:
    """Find the frames that can be decoded, by decoding all.

    Args:
        path: A file that FFmpeg reads.

    Raises:
        InputError: As for :func:`index_packets`, or the frames differ in size.
    """
    told = index_packets(path)
    times: list[int | None] = []
    num_interlaced = 0
    with VideoDecoder(path) as video:
        for shown in video.frames():
            check_size(path, len(times), shown.size, told.size)
            times.append(shown.frame.pts)
            num_interlaced += shown.frame.interlaced_frame
        num_lost = max(0, len(told.times) + told.num_lost - len(times))
        if num_lost > num_interlaced / 2 > 0:
            num_lost = told.num_lost  # Each second field has a packet of its own.
        coded = times
        if num_lost and None not in (*times[:1], *told.times[:1]):
            # Without those that are lost, frames come at a lower rate.
            coded = [time for time in told.times if time >= times[0]]
        fps = _frame_rate(coded, video.stream)
        stand_alone = told.stand_alone and _can_be_found(times, video.stream)
    return replace(
        told, times=times, fps=fps, stand_alone=stand_alone, num_lost=num_lost
    )


def check_size(
    path: str | Path, index: int, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Make sure that a frame has the size of the first.

    Raises:
        InputError: It has another.
    """
    if size != expected:
        raise InputError(
            f'{path}: frame {index} has {size[0]} x {size[1]} pixels (height x '
            f'width), expected {expected[0]} x {expected[1]} as the frames before it'
        )


def _is_hidden(packet: av.Packet) -> bool:
    """Return whether VP8 keeps there what other frames refer to, not to be shown."""
    codec = packet.stream.codec_context.name
    return codec == 'vp8' and not memoryview(packet)[0] & 0x10


def _count_listed(video: VideoDecoder) -> int:
    """Return of how many frames a file's list knows, though it may end before them."""
    entries = list(video.stream.index_entries)
    count = sum(not entry.is_discard for entry in entries)
    if video.container.format.name == 'avi' and entries:
        # Its list is at the end; where that is cut off, the header has the number.
        # Times count frames, and skip those that are as the one before.
        count += max(0, video.stream.frames - 1 - entries[-1].timestamp)
    return count


def _can_be_found(times: list[int | None], stream: av.VideoStream) -> bool:
    """Return whether frames that are all key frames can be found by their times."""
    codec = stream.codec_context.codec
    # Some formats, as GIF, call each a key frame, though it changes the one before.
    return (
        (codec.intra_only or codec.name == 'ffv1')
        and None not in times
        and times == sorted(set(times))
    )


def _frame_rate(times: list[int | None], stream: av.VideoStream) -> float | None:
    """Return the rate that a header tells, if the frames' times bear it out."""
    codec = stream.codec_context
    told = (codec.framerate, stream.guessed_rate, stream.average_rate)
    told = [rate for rate in told if rate and rate < _CLOCK]
    known = np.array([time for time in times if time is not None], float)
    steps = np.diff(known * float(stream.time_base or Fraction(1)))  # seconds
    steps = steps[steps > 0]
    if len(steps):
        # A longer one is where recordings were joined.
        steps = steps[steps <= max(10.0, 10 * np.median(steps))]
    if not len(steps):
        return float(told[0]) if told else None
    duration = steps.sum()

    def error(rate: Fraction) -> float:
        """Return by how many frames a rate is off at the end."""
        return abs(float(rate) * duration - len(steps))

    best = min(told, key=error, default=None)
    # Times are rounded, and one may be skipped: a header that is right within that is
    # more exact.
    if best is not None and error(best) < min(1.1, 0.1 * len(steps)):
        return float(best)
    return float(len(steps) / duration)
