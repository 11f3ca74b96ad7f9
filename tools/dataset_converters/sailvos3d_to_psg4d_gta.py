"""Cut raw SAIL-VOS 3D to the videos of PSG4D-GTA.

python tools/dataset_converters/sailvos3d_to_psg4d_gta.py --raw data/sailvos3d
    --cuts data/sailvos3d/video_cut.json --out data/psg4d_gta --workers 8

``video_cut.json`` is ``{video: [first, last]}``, the last frame included. Frames are
numbered anew from 0. A merged mask is ``visible`` where that is not 0, else the
background's id plus 1000. Videos that are there are kept, so it may be run again.
"""

import argparse
import os
import shutil
from functools import partial
from pathlib import Path

import numpy as np

from mmfourdpsg.datasets import AnnotationFile
from mmfourdpsg.datasets.frame_readers import load_array
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.job_runner import run_jobs

# Folder of the result -> ending of its files.
COPIED = {'images': '.bmp', 'depth': '.npy', 'rage_matrices': '.npz'}


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--raw', required=True, help='folder of the raw data')
    parser.add_argument('--cuts', required=True, help='video_cut.json')
    parser.add_argument('--out', required=True, help='root of PSG4D-GTA')
    parser.add_argument(
        '--layout',
        default='{kind}/{video}/{frame:06d}{suffix}',
        help='where a raw file lies below --raw',
    )
    parser.add_argument('--visible', default='visible', help='kind of foreground ids')
    parser.add_argument(
        '--background', default='background', help='kind of background ids'
    )
    parser.add_argument('--link', action='store_true', help='hard links, not copies')
    parser.add_argument('--workers', type=int, default=os.cpu_count())
    return parser.parse_args()


def convert(args: argparse.Namespace, job: tuple[str, int, int]) -> None:
    """Write one video beside its place, and move it there."""
    video, first, last = job
    out = Path(args.out)
    temporary = out / f'.{video}'
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        for kind in (*COPIED, 'masks'):
            (temporary / kind).mkdir(parents=True)
        for frame in range(first, last + 1):
            write_frame(args, video, frame, temporary, f'{frame - first:06d}')
        for kind in (*COPIED, 'masks'):
            place = out / kind / video
            place.parent.mkdir(exist_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            os.replace(temporary / kind, place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    with atomic_write(marker(args, video)) as path:
        path.write_text(f'{first} {last}\n')


def write_frame(
    args: argparse.Namespace, video: str, frame: int, folder: Path, name: str
) -> None:
    """Copy a frame's files under another number and merge its masks."""
    for kind, suffix in COPIED.items():
        source = raw_file(args, kind, video, frame, suffix)
        if not source.is_file():
            # Depth and matrices are missing in places, and readers know.
            if kind == 'images':
                raise InputError(f'{source}: is missing, expected a picture')
            continue
        copy = os.link if args.link else shutil.copyfile
        copy(source, folder / kind / f'{name}{suffix}')
    visible, background = (
        load_array(raw_file(args, kind, video, frame, '.npy'), 'a mask of ids')
        for kind in (args.visible, args.background)
    )
    if visible.shape != background.shape:
        raise InputError(
            f'{video}: frame {frame}: visible ids are {list(visible.shape)}, '
            f'background ids {list(background.shape)}, expected one size'
        )
    np.save(folder / 'masks' / f'{name}.npy', merge_masks(visible, background))


def merge_masks(visible: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return foreground ids, and background ids plus 1000 where there is none.

    Args:
        visible: Whole numbers ``[H, W]``, 0 = no foreground; often of 8 bits.
        background: Whole numbers ``[H, W]``, 0 = none.
    """
    # 8 bits would not hold the sum.
    behind = background.astype(np.int32)
    behind = np.where(behind > 0, behind + 1000, 0)
    return np.where(visible != 0, visible.astype(np.int32), behind)


def raw_file(
    args: argparse.Namespace, kind: str, video: str, frame: int, suffix: str
) -> Path:
    """Return where a raw file lies."""
    name = args.layout.format(kind=kind, video=video, frame=frame, suffix=suffix)
    return Path(args.raw) / name


def marker(args: argparse.Namespace, video: str) -> Path:
    """Return the file that says that a video is whole."""
    return Path(args.out) / '.converted' / f'{video}.txt'


def read_cuts(path: str) -> list[tuple[str, int, int]]:
    """Return video, first and last frame of each cut.

    Raises:
        InputError: The file is no such JSON, or a cut ends before it begins.
    """
    file, cuts = AnnotationFile(path), []
    for video, cut in file.content.items():
        file.file_name(video, video)
        good = isinstance(cut, list) and [type(value) for value in cut] == [int, int]
        if not good or not 0 <= cut[0] <= cut[1]:
            file.fail(video, f'expected [first, last], found {cut!r:.60}')
        cuts.append((video, *cut))
    return cuts


@exit_on_input_error
def main() -> None:
    """Convert."""
    args = parse_args()
    cuts = read_cuts(args.cuts)
    left = []
    for video, first, last in cuts:
        done = marker(args, video)
        if not done.is_file() or done.read_text().split() != [str(first), str(last)]:
            left.append((video, (video, first, last)))
    print(f'{args.out}: {len(cuts)} videos, {len(cuts) - len(left)} there already')
    run_jobs(partial(convert, args), left, args.workers, 'videos')


if __name__ == '__main__':
    main()
