"""Dump the annotated frames of Charades' videos for Action Genome.

python tools/dataset_converters/action_genome_frames.py --data-root data/action_genome
    --videos data/charades --workers 8

Frames are those of ``annotations/frame_list.txt``, or where it is missing of
``annotations/object_bbox_and_relationship.pkl``. Frame n, counted from 1, is the n-th
that a player shows, upright, as where Action Genome's were dumped at the video's own
rate. Frames that are there are kept, so it may be run again.

Action Genome ran ``ffmpeg`` without options, which repeats or drops frames of videos
that come at uneven times. Videos where that would number annotated frames otherwise
are told.
"""

import argparse
import os
import re
from collections import defaultdict
from functools import partial
from pathlib import Path

import av
from PIL import Image

from mmfourdpsg.datasets.frame_readers.video_decoder import VideoDecoder
from mmfourdpsg.datasets.frame_readers.video_index import check_size
from mmfourdpsg.datasets.restricted_pickle import load_pickle
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.job_runner import run_jobs
from mmfourdpsg.utils.text_files import read_entries


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--data-root', required=True, help='root of Action Genome')
    parser.add_argument('--videos', required=True, help="folder of Charades' videos")
    parser.add_argument('--all-frames', action='store_true', help='dump every frame')
    parser.add_argument('--workers', type=int, default=os.cpu_count())
    return parser.parse_args()


def read_frames(root: Path) -> dict[str, set[int]]:
    """Return video -> numbers of its annotated frames.

    Raises:
        InputError: There is neither list nor pickle, or a name is none of a frame.
    """
    path = root / 'annotations/frame_list.txt'
    if path.is_file():
        names = read_entries(path, 'frames')
    else:
        path = root / 'annotations/object_bbox_and_relationship.pkl'
        content = load_pickle(path)
        if not isinstance(content, dict):
            raise InputError(
                f'{path}: holds {type(content).__name__}, expected a dict by frame'
            )
        names = list(content)
    frames: dict[str, set[int]] = defaultdict(set)
    for name in names:
        match = re.fullmatch(r'([^/\\]+)/(\d{1,9})\.png', str(name))
        if not match or match[1] == '..':
            raise InputError(
                f'{path}: has the frame {name!r:.60}, expected <video>/<number>.png'
            )
        frames[match[1]].add(int(match[2]))
    return frames


class FrameClock:
    """Tells frames that come too early or too late for a constant rate.

    Args:
        stream: The video, before it is decoded.
    """

    def __init__(self, stream: av.VideoStream) -> None:
        self.rate = float(stream.guessed_rate or 0)
        self.start: float | None = None

    def is_uneven(self, frame: av.VideoFrame, number: int) -> bool:
        """Return whether frame ``number``, from 1, is off its place."""
        if frame.time is None or not self.rate:
            return False
        if self.start is None:
            self.start = frame.time
        # By more than this, ffmpeg repeats or drops a frame.
        return abs((frame.time - self.start) * self.rate - (number - 1)) > 1.1


def dump(args: argparse.Namespace, job: tuple[str, list[int]]) -> None:
    """Write frames of one video, each whole or not at all."""
    video, numbers = job
    path = Path(args.videos) / video
    folder = Path(args.data_root) / 'frames' / video
    wanted, last, moved = set(numbers), max(numbers), 0
    number, size = 0, None
    try:
        with VideoDecoder(path) as video:
            clock = FrameClock(video.stream)
            # A frame that is left out would shift the numbers of all later ones.
            frames = video.frames(skip_damaged=False)
            for number, shown in enumerate(frames, start=1):
                size = size or shown.size
                check_size(path, number, shown.size, size)
                uneven = clock.is_uneven(shown.frame, number)
                moved += uneven and number in wanted
                if args.all_frames or number in wanted:
                    image = Image.fromarray(shown.to_array('rgb24'))
                    with atomic_write(folder / f'{number:06d}.png') as temporary:
                        image.save(temporary, format='png')
                    wanted.discard(number)
                if number >= last and not args.all_frames:
                    break
    except av.FFmpegError as error:
        raise InputError(
            f'{path}: is truncated or damaged after frame {number} ({error.strerror}), '
            f'expected {last} frames or more'
        ) from None
    if wanted:
        raise InputError(
            f'{path}: ends before frame {min(wanted)}, expected {last} frames or more'
        )
    if moved:
        print(
            f'  {path}: comes at uneven times; ffmpeg would have numbered {moved} of '
            f'{len(numbers)} frames otherwise',
            flush=True,
        )
    if args.all_frames:
        with atomic_write(folder / '.complete') as temporary:
            temporary.write_text('', encoding='utf-8')


@exit_on_input_error
def main() -> None:
    """Convert."""
    args = parse_args()
    root = Path(args.data_root)
    frames = read_frames(root)
    left = []
    for video, numbers in frames.items():
        folder = root / 'frames' / video
        missing = [
            number
            for number in sorted(numbers)
            if not (folder / f'{number:06d}.png').is_file()
        ]
        if args.all_frames and not (folder / '.complete').is_file():
            missing = sorted(numbers)
        if missing:
            left.append((video, (video, missing)))
    print(f'{root}: {len(frames)} videos, {len(frames) - len(left)} dumped already')
    run_jobs(partial(dump, args), left, args.workers, 'videos')


if __name__ == '__main__':
    main()
