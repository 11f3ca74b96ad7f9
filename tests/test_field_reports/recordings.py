"""Reports on recordings and own data: names of files and units of depth."""

from pathlib import Path

import numpy as np
from small_inputs import (
    ROOT,
    depth_frame,
    rgb_frame,
    run,
    write_image,
    write_own_data,
)

from mmfourdpsg.apis import Recording


def make_depth_scale_ignored(report: Path) -> None:
    """Depth in millimetres is an array and no image."""
    write_image(report / 'rgb/0.png', rgb_frame())
    (report / 'depth').mkdir()
    np.save(report / 'depth/0.npy', depth_frame().astype(np.float32))


def check_depth_scale_ignored(report: Path, tmp_path: Path) -> None:
    recording = Recording(report / 'rgb', report / 'depth', depth_scale=1000)
    depth = recording.depth[0]
    assert 0.9 <= depth[depth > 0].min() < depth.max() <= 1.976
    assert str(recording.depth_summary).startswith('depth: 0.9 to 1.975 m, median 1.')
    assert recording.depth_summary.warning is None
    unscaled = Recording(report / 'rgb', report / 'depth').depth_summary
    assert unscaled.lowest == 900
    assert '1000 (millimetres)' in unscaled.warning


def make_digit_that_is_no_number(report: Path) -> None:
    """Names hold characters that Python calls digits and ``int`` does not take."""
    for index, name in enumerate(('1²2.png', '①1.png')):
        write_image(report / 'rgb' / name, rgb_frame(index))


def check_digit_that_is_no_number(report: Path, tmp_path: Path) -> None:
    recording = Recording(report / 'rgb')
    assert [path.name for path in recording.frames.paths] == ['1²2.png', '①1.png']
    assert len(list(recording.frames)) == 2


def make_own_data_pairs_by_position(report: Path) -> None:
    """Each folder holds five frames, and each lacks another one."""
    write_own_data(report / 'data', lacks=dict(rgb=1, depth=4, masks=3))


def check_own_data_pairs_by_position(report: Path, tmp_path: Path) -> None:
    config = tmp_path / 'own.py'
    config.write_text(
        f'_base_ = [{str(ROOT / "configs/4dllm/own_data.py")!r}]\n'
        f'own = dict(data_root={str(report / "data")!r})\n'
        'train_dataloader = dict(dataset=own)\n'
        'val_dataloader = dict(dataset=own)\n'
        'test_dataloader = dict(dataset=own)\n'
    )
    tool = 'tools/analysis_tools/check_dataset.py'
    status, out, err = run(tool, config, '--workers', 1)
    assert (status, err) == (1, '')
    lines = out.splitlines()
    assert '  not good' in lines and '  good' not in lines
    (wrong,) = {line for line in lines if 'WRONG' in line}
    assert 'no depth map for 4.png and no RGB frame for 1.png' in wrong
    assert 'no mask for 3.png and no RGB frame for 1.png' in wrong


def make_pairs_by_position(report: Path) -> None:
    """Both folders hold two frames, of which one has no partner."""
    for number in (0, 2):
        write_image(report / f'rgb/frame_{number:06d}.png', rgb_frame(number))
    for number in (0, 1):
        write_image(report / f'depth/frame_{number:06d}.png', depth_frame())


def check_pairs_by_position(report: Path, tmp_path: Path) -> None:
    out = tmp_path / 'out'
    status, _, err = run(
        'tools/infer.py',
        *('--rgb', report / 'rgb', '--depth', report / 'depth', '--out', out),
    )
    assert status == 2
    (line,) = err.splitlines()
    assert line.startswith('error: ')
    assert 'no depth map for frame_000002.png' in line
    assert 'no RGB frame for frame_000001.png' in line
    assert not out.exists()
