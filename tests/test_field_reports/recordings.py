"""Reports on recordings and own data: names of files and units of depth."""

import contextlib
import io
import runpy
from pathlib import Path

import pytest

from mmfourdpsg.apis import Recording

ROOT = Path(__file__).resolve().parents[2]


def _run(tool: str, *arguments) -> tuple[int, str, str]:
    """Run a command line in this process; return status, output and errors."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('sys.argv', [tool, *map(str, arguments)])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                runpy.run_path(str(ROOT / tool), run_name='__main__')
            except SystemExit as error:
                status = error.code or 0
    return status, out.getvalue(), err.getvalue()


def check_depth_scale_ignored(report: Path, tmp_path: Path) -> None:
    recording = Recording(report / 'rgb', report / 'depth', depth_scale=1000)
    depth = recording.depth[0]
    assert 0.9 <= depth[depth > 0].min() < depth.max() <= 1.976
    assert str(recording.depth_summary).startswith('depth: 0.9 to 1.975 m, median 1.')
    assert recording.depth_summary.warning is None
    unscaled = Recording(report / 'rgb', report / 'depth').depth_summary
    assert unscaled.lowest == 900
    assert '1000 (millimetres)' in unscaled.warning


def check_digit_that_is_no_number(report: Path, tmp_path: Path) -> None:
    recording = Recording(report / 'rgb')
    assert [path.name for path in recording.frames.paths] == ['1²2.png', '①1.png']
    assert len(list(recording.frames)) == 2


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
    status, out, err = _run(tool, config, '--workers', 1)
    assert (status, err) == (1, '')
    lines = out.splitlines()
    assert '  not good' in lines and '  good' not in lines
    (wrong,) = {line for line in lines if 'WRONG' in line}
    assert 'no depth map for 4.png and no RGB frame for 1.png' in wrong
    assert 'no mask for 3.png and no RGB frame for 1.png' in wrong


def check_pairs_by_position(report: Path, tmp_path: Path) -> None:
    out = tmp_path / 'out'
    status, _, err = _run(
        'tools/infer.py',
        *('--rgb', report / 'rgb', '--depth', report / 'depth', '--out', out),
    )
    assert status == 2
    (line,) = err.splitlines()
    assert line.startswith('error: ')
    assert 'no depth map for frame_000002.png' in line
    assert 'no RGB frame for frame_000001.png' in line
    assert not out.exists()
