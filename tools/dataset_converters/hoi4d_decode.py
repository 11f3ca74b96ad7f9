"""Decode the videos of HOI4D to the images that PSG4D-HOI names.

python tools/dataset_converters/hoi4d_decode.py --data-root data/psg4d_hoi --workers 8

``align_rgb/image.mp4`` becomes ``align_rgb/%05d.jpg``, and
``align_depth/depth_video.avi`` becomes ``align_depth/%05d.png`` of 16 bits in
millimetres. Depth can be read from the video as well, so ``--parts rgb`` is enough.
What is decoded is kept, so it may be run again.

Each frame becomes an image. HOI4D's own script samples at 15 frames a second, which is
the same for videos at that rate; those at another one are refused.
"""

import argparse
import os
import shutil
from functools import partial
from pathlib import Path

from PIL import Image

from mmfourdpsg.datasets.frame_readers.video_decoder import VideoDecoder
from mmfourdpsg.datasets.frame_readers.video_index import check_size, index_packets
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.job_runner import run_jobs

# Part -> folder, path of a video below it, its format, ending of the images.
PARTS = dict(
    rgb=('HOI4D_release', 'align_rgb/image.mp4', 'rgb24', '.jpg'),
    depth=('HOI4D_depth_video', 'align_depth/depth_video.avi', 'gray16le', '.png'),
)


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--data-root', required=True, help='root of PSG4D-HOI')
    parser.add_argument('--parts', nargs='+', choices=PARTS, default=list(PARTS))
    parser.add_argument('--quality', type=int, default=95, help='of JPEG')
    parser.add_argument('--fps', type=float, default=15.0, help='rate of all videos')
    parser.add_argument(
        '--min-frames',
        type=int,
        help='frames that a video has to hold; by default what its file tells',
    )
    parser.add_argument('--workers', type=int, default=os.cpu_count())
    return parser.parse_args()


def decode(args: argparse.Namespace, job: tuple[str, str, str]) -> None:
    """Decode one video beside its images' place, and move them there."""
    path, pixels, suffix = Path(job[0]), job[1], job[2]
    size = None
    temporary = path.parent / '.decoding'
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        count, expected = 0, expected_frames(path, args)
        with VideoDecoder(path) as video:
            for shown in video.frames():
                coded = shown.frame.format.name
                if pixels == 'gray16le' and coded != pixels:
                    raise InputError(
                        f'{path}: has pixels of {coded}, expected {pixels}'
                    )
                size = size or shown.size
                check_size(path, count, shown.size, size)
                image = Image.fromarray(shown.to_array(pixels))
                options = dict(quality=args.quality) if suffix == '.jpg' else {}
                image.save(temporary / f'{count:05d}{suffix}', **options)
                count += 1
        # A decoder skips what it cannot read, which would shift all later frames.
        if count < expected:
            raise InputError(
                f'{path}: is truncated or damaged ({count} frames can be read), '
                f'expected {expected}'
            )
        for index in range(count):
            name = f'{index:05d}{suffix}'
            os.replace(temporary / name, path.parent / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    with atomic_write(marker(path)) as done:
        done.write_text(f'{count}\n', encoding='utf-8')


def expected_frames(path: Path, args: argparse.Namespace) -> int:
    """Return how many frames a video has to hold.

    Raises:
        InputError: It is no video, or its rate is another than expected.
    """
    index = index_packets(path)
    if index.fps is not None and abs(index.fps - args.fps) > 0.1:
        raise InputError(
            f'{path}: has {index.fps:g} frames a second, expected {args.fps:g}'
        )
    if args.min_frames is not None:
        return max(1, args.min_frames)
    return len(index.times) + index.num_lost


def marker(path: Path) -> Path:
    """Return the file that says that a video is decoded."""
    return path.with_name(f'.{path.stem}_decoded')


def is_decoded(path: Path, suffix: str) -> bool:
    """Return whether all images of a video are there."""
    try:
        count = int(marker(path).read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return False
    return all((path.parent / f'{i:05d}{suffix}').is_file() for i in range(count))


@exit_on_input_error
def main() -> None:
    """Convert."""
    args = parse_args()
    total, left = 0, []
    for part in args.parts:
        folder, name, pixels, suffix = PARTS[part]
        root = Path(args.data_root) / folder
        for path in sorted(root.rglob(name)):
            total += 1
            if not is_decoded(path, suffix):
                left.append((str(path), (str(path), pixels, suffix)))
    if not total:
        names = [f'{PARTS[part][0]}/.../{PARTS[part][1]}' for part in args.parts]
        raise InputError(f'{args.data_root}: holds no video, expected {names}')
    print(f'{args.data_root}: {total} videos, {total - len(left)} decoded already')
    run_jobs(partial(decode, args), left, args.workers, 'videos')


if __name__ == '__main__':
    main()
