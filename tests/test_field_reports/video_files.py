"""Reports of video files that players show otherwise than they are coded."""

import itertools
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from small_inputs import SIZE, run
from small_videos import grey_frames, write_of_two_sizes, write_video

from mmfourdpsg.datasets.frame_readers import open_frames


def _dump(video: Path, root: Path, number: int) -> np.ndarray:
    """Return a frame that the converter of Action Genome writes."""
    annotations = root / 'annotations'
    annotations.mkdir(parents=True)
    (annotations / 'frame_list.txt').write_text(f'{video.name}/{number:06d}.png')
    tool = 'tools/dataset_converters/action_genome_frames.py'
    more = ('--data-root', root, '--videos', video.parent, '--workers', 1)
    status, _, said = run(tool, *more)
    assert status == 0, said
    return np.asarray(Image.open(root / f'frames/{video.name}/{number:06d}.png'))


def make_video_edit_list(report: Path) -> None:
    """An edit list hides the first 5 of 24 frames, as a trim without loss does."""
    frames = [frame.copy() for frame in grey_frames(24, SIZE)]
    write_video(report / 'trimmed.mp4', frames, times=range(-5, 19))


def check_video_edit_list(report: Path, tmp_path: Path) -> None:
    """19 frames, without a warning, and none of them is a hidden one."""
    video = report / 'trimmed.mp4'
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        frames = open_frames(video)
    assert (len(frames), frames.size, frames.fps) == (19, (96, 128), 10.0)
    shown = [frame.astype(int) for frame in frames]
    # The square above on the left gets brighter from frame to frame, from black on.
    square = [frame[:6, :6].mean() for frame in shown]
    assert square[0] > 10
    assert all(b > a for a, b in itertools.pairwise(square))
    np.testing.assert_array_equal(frames[18], shown[18])
    np.testing.assert_array_equal(frames[0], shown[0])
    np.testing.assert_array_equal(_dump(video, tmp_path / 'ag', 19), shown[18])


def make_video_rotation(report: Path) -> None:
    """The header turns the frames, as phones write it.

    As coded, the corners are dark, red (to the right), green (below) and yellow.
    """
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    frame = np.zeros((*SIZE, 3), np.uint8)
    frame[..., 0] = 240 * (columns >= SIZE[1] // 2)
    frame[..., 1] = 240 * (rows >= SIZE[0] // 2)
    one, unit = 65536, 1 << 30
    for name, matrix in (
        ('turned90', [0, one, 0, -one, 0, 0, 0, 0, unit]),
        ('turned180', [-one, 0, 0, 0, -one, 0, 0, 0, unit]),
    ):
        write_video(report / f'{name}.mp4', [frame] * 8, matrix=matrix)


def check_video_rotation(report: Path, tmp_path: Path) -> None:
    """Frames are upright for inference and in Action Genome's converter."""
    # Where the corners are that are dark, red, green and yellow as coded.
    turned = dict(
        turned90=((128, 96), (0, -1), (-1, -1), (0, 0), (-1, 0)),
        turned180=((96, 128), (-1, -1), (-1, 0), (0, -1), (0, 0)),
    )
    for name, (size, dark, red, green, yellow) in turned.items():
        video = report / f'{name}.mp4'
        frames = open_frames(video)
        assert (len(frames), frames.size) == (8, size)
        frame = frames[0]
        assert frame.shape == (*size, 3)
        for place, rgb in ((red, (1, 0, 0)), (green, (0, 1, 0)), (yellow, (1, 1, 0))):
            np.testing.assert_array_equal(frame[place][:2] > 150, rgb[:2])
            assert frame[place][2] < 100
        assert frame[dark].max() < 100
        np.testing.assert_array_equal(_dump(video, tmp_path / name, 1), frame)


def make_video_size_changes(report: Path) -> None:
    """The frames get smaller half-way, as in recordings of calls."""
    small = (64, 96)
    write_of_two_sizes(report / 'resized.webm', (SIZE, small))
    path, parts = report / 'resized.ts', []
    for size in (SIZE, small):
        write_video(path, grey_frames(4, size))
        parts.append(path.read_bytes())
    path.write_bytes(b''.join(parts))


def check_video_size_changes(report: Path, tmp_path: Path) -> None:
    """One line that names the frame, status 2, and nothing is written."""
    for name in ('resized.webm', 'resized.ts'):
        out = tmp_path / 'out'
        status, _, said = run(
            'tools/infer.py', '--rgb', report / name, '--out', out, '--untrained'
        )
        assert status == 2
        assert said.splitlines()[-1] == (
            f'error: {report / name}: frame 4 has 64 x 96 pixels (height x width), '
            'expected 96 x 128 as the frames before it'
        )
        assert 'Traceback' not in said
        assert not out.exists()
