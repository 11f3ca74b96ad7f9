"""Small frames, depth, masks and folders of own data, as reporters sent them."""

import contextlib
import io
import json
import runpy
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SIZE = (96, 128)
"""Height and width of every image, in pixels."""


def run(tool: str, *arguments: object) -> tuple[int, str, str]:
    """Return a command line's status, what it printed, and errors with warnings."""
    out, error, status = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(error),
    ):
        warnings.simplefilter('always', UserWarning)
        patch.setattr(sys, 'argv', [str(ROOT / tool), *map(str, arguments)])
        try:
            runpy.run_path(str(ROOT / tool), run_name='__main__')
        except SystemExit as stop:
            status = stop.code or 0
    told = [str(row.message) for row in caught if row.category is UserWarning]
    return status, out.getvalue(), '\n'.join([*told, error.getvalue()])


def write_image(path: Path, array: np.ndarray, palette: bool = False) -> None:
    """Write an image, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(array)
    if palette:
        image.putpalette([value for i in range(256) for value in (i, i, 255 - i)])
    image.save(path)


def rgb_frame(index: int = 0) -> np.ndarray:
    """Return a frame ``[H, W, 3]`` whose colours run over it and move with time."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    frame = np.stack([2 * columns, 2 * rows, 0 * rows + 20 * index], axis=-1)
    return frame.astype(np.uint8)


def depth_frame() -> np.ndarray:
    """Return depth ``[H, W]`` in millimetres, of a slope from 0.9 to 1.975 m."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    share = (rows + columns) / (sum(SIZE) - 2)
    return np.rint(900 + 1075 * share).astype(np.uint16)


def mask_frame(upper: int, lower: int) -> np.ndarray:
    """Return ids ``[H, W]``: a square of one object, another below, void between."""
    ids = np.zeros(SIZE, np.uint8)
    ids[20:50, 40:80], ids[60:] = upper, lower
    return ids


def write_own_data(
    root: Path,
    videos: tuple[str, ...] = ('kitchen',),
    ids: tuple[int, int] = (1, 2),
    lacks: dict[str, int] | None = None,
) -> None:
    """Write a data set of one's own: a cup on a table, six frames a video.

    Args:
        ids: Of the cup and of the table.
        lacks: Kind of frames (``rgb``, ``depth`` or ``masks``) to the number of the
            one that is not there.
    """
    graphs = [
        dict(
            video_id=name,
            height=SIZE[0],
            width=SIZE[1],
            num_frames=5 if lacks else 6,
            objects=[
                dict(id=ids[0], category='cup'),
                dict(id=ids[1], category='table', is_thing=False),
            ],
            relations=[
                dict(subject=ids[0], predicate='on', object=ids[1], span=[[0, 4]])
            ],
        )
        for name in videos
    ]
    info = dict(format='mmfourdpsg/scene-graph', version=1)
    root.mkdir(parents=True)
    content = json.dumps(dict(info=info, videos=graphs))
    (root / 'scene_graphs.json').write_text(content, encoding='utf-8')
    for part, name in (('train', videos[0]), ('val', videos[-1])):
        (root / f'{part}.txt').write_text(f'{name}\n', encoding='utf-8')
    frames = dict(rgb=rgb_frame(), depth=depth_frame(), masks=mask_frame(*ids))
    for name in videos:
        for kind, frame in frames.items():
            for index in range(6):
                if index != (lacks or {}).get(kind):
                    write_image(root / kind / name / f'{index}.png', frame)
