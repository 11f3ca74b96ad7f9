"""Cut raw SAIL-VOS 3D to the videos of PSG4D-GTA.

python tools/dataset_converters/sailvos3d_to_psg4d_gta.py --raw data/sailvos3d
    --background data/background_masks --cuts data/video_cut.json
    --out data/psg4d_gta --workers 8

``video_cut.json`` is ``{video: [first, last]}``, the last frame included. Frames are
numbered anew from 0. A merged mask is ``visible`` where that is not 0, else the
background's id plus 1000. Videos that are there are kept, so it may be run again.

As in PSG4D's own scripts, raw files are ``<video>/<kind>/%06d.<ending>``, and
background masks, unzipped, are ``<video>/%06d.bmp`` with the new numbers.
"""

import argparse
import os
import shutil
from functools import partial
from pathlib import Path

import numpy as np

from mmfourdpsg.datasets import AnnotationFile
from mmfourdpsg.datasets.frame_readers import decode_index_image, load_array
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_folder,
    exit_on_input_error,
)
from mmfourdpsg.utils.job_runner import run_jobs
from mmfourdpsg.utils.text_files import read_text

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
        default='{video}/{kind}/{frame:06d}{suffix}',
        help='where a raw file lies below --raw',
    )
    parser.add_argument('--visible', default='visible', help='kind of foreground ids')
    parser.add_argument(
        '--background', required=True, help='folder of background_masks.zip'
    )
    parser.add_argument(
        '--background-layout',
        default='{video}/{frame:06d}.bmp',
        help='where a mask lies below --background, by its new number; .npy will do',
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
        for new, frame in enumerate(range(first, last + 1)):
            write_frame(args, video, frame, temporary, new)
        tell_missing(video, temporary, last + 1 - first)
        # While some folders are of this cut and some of another, none is whole.
        marker(args, video).unlink(missing_ok=True)
        for kind in (*COPIED, 'masks'):
            place = out / kind / video
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            os.replace(temporary / kind, place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    with atomic_write(marker(args, video)) as path:
        path.write_text(f'{first} {last}\n', encoding='utf-8')


def write_frame(
    args: argparse.Namespace, video: str, frame: int, folder: Path, new: int
) -> None:
    """Copy a frame's files under its new number and merge its masks."""
    name = f'{new:06d}'
    for kind, suffix in COPIED.items():
        source = raw_file(args, kind, video, frame, suffix)
        if not source.is_file():
            # Depth and matrices are missing in places, and readers know.
            if kind == 'images':
                raise InputError(f'{source}: is missing, expected an image')
            continue
        copy = os.link if args.link else shutil.copyfile
        copy(source, folder / kind / f'{name}{suffix}')
    visible = read_ids(raw_file(args, args.visible, video, frame, '.npy'))
    place = args.background_layout.format(video=video, frame=new)
    background = read_ids(Path(args.background) / place)
    if visible.shape != background.shape:
        raise InputError(
            f'{video}: frame {frame}: visible ids are {list(visible.shape)}, '
            f'background ids {list(background.shape)}, expected one size'
        )
    np.save(folder / 'masks' / f'{name}.npy', merge_masks(visible, background))


def read_ids(path: Path) -> np.ndarray:
    """Read a mask, ``.npy`` or an image of one channel.

    Returns:
        Whole numbers ``[H, W]``.

    Raises:
        InputError: The file is missing, damaged or holds anything else.
    """
    expected = 'a mask of whole numbers [H, W]'
    is_array = path.suffix == '.npy'
    ids = load_array(path, expected) if is_array else decode_index_image(path)
    if ids.ndim != 2 or ids.dtype.kind not in 'iu':
        raise InputError(
            f'{path}: holds {ids.dtype} of shape {list(ids.shape)}, expected {expected}'
        )
    return ids


def tell_missing(video: str, folder: Path, count: int) -> None:
    """Say which files a video lacks: a wrong --layout would lose all of them."""
    for kind in COPIED:
        missing = count - sum(1 for _ in (folder / kind).iterdir())
        if missing:
            print(f'  {video}: {missing} of {count} frames lack {kind}', flush=True)


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


def is_whole(args: argparse.Namespace, video: str, first: int, last: int) -> bool:
    """Return whether a cut is there with all its images and masks."""
    done = marker(args, video)
    if not done.is_file() or read_text(done).split() != [str(first), str(last)]:
        return False
    return all(
        (Path(args.out) / kind / video / f'{new:06d}{suffix}').is_file()
        for kind, suffix in (('images', COPIED['images']), ('masks', '.npy'))
        for new in range(last + 1 - first)
    )


def check_layouts(args: argparse.Namespace) -> None:
    """Raise an InputError if a layout names what there is not."""
    try:
        raw_file(args, 'images', 'video', 0, '.bmp')
        args.background_layout.format(video='video', frame=0)
    except (KeyError, IndexError, ValueError) as error:
        raise InputError(
            f'{args.layout} and {args.background_layout}: cannot be filled in '
            f'({error!r}), expected the fields video, kind, frame and suffix, and '
            'video and frame'
        ) from None


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
    check_output_folder(args.out)
    check_layouts(args)
    cuts = read_cuts(args.cuts)
    left = [(cut[0], cut) for cut in cuts if not is_whole(args, *cut)]
    print(f'{args.out}: {len(cuts)} videos, {len(cuts) - len(left)} there already')
    run_jobs(partial(convert, args), left, args.workers, 'videos')


if __name__ == '__main__':
    main()
