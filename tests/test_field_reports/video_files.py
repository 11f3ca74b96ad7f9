"""Reports of video files that players show otherwise than they are coded."""

import contextlib
import io
import itertools
import runpy
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets.frame_readers import open_frames

ROOT = Path(__file__).resolve().parents[2]


def _run(tool: str, *arguments: str | Path) -> tuple[int, str]:
    """Return a command line's status and what it said of errors."""
    said = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(said),
    ):
        patch.setattr(sys, 'argv', [tool, *map(str, arguments)])
        try:
            runpy.run_path(str(ROOT / tool), run_name='__main__')
        except SystemExit as error:
            return error.code or 0, said.getvalue()
    return 0, said.getvalue()


def _dump(video: Path, root: Path, number: int) -> np.ndarray:
    """Return a frame that the converter of Action Genome writes."""
    annotations = root / 'annotations'
    annotations.mkdir(parents=True)
    (annotations / 'frame_list.txt').write_text(f'{video.name}/{number:06d}.png')
    tool = 'tools/dataset_converters/action_genome_frames.py'
    more = ('--data-root', root, '--videos', video.parent, '--workers', 1)
    assert _run(tool, *more) == (0, '')
    return np.asarray(Image.open(root / f'frames/{video.name}/{number:06d}.png'))


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


def check_video_size_changes(report: Path, tmp_path: Path) -> None:
    """One line that names the frame, status 2, and nothing is written."""
    for name in ('resized.webm', 'resized.ts'):
        out = tmp_path / 'out'
        status, said = _run(
            'tools/infer.py', '--rgb', report / name, '--out', out, '--untrained'
        )
        assert status == 2
        assert said.splitlines()[-1] == (
            f'error: {report / name}: frame 4 has 64 x 96 pixels (height x width), '
            'expected 96 x 128 as the frames before it'
        )
        assert 'Traceback' not in said
        assert not out.exists()
