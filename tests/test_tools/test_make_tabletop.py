import json

import pytest
from in_process import in_process_runner

from mmfourdpsg.datasets import PSG4DGTADataset, PSGDataset
from mmfourdpsg.simulation import UNSEEN_CATEGORIES, UNSEEN_PREDICATES

pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')

TOOL = 'tools/make_tabletop.py'
HELD_OUT = {*UNSEEN_CATEGORIES, *UNSEEN_PREDICATES}
# Few pixels and frames, to be quick.
SIZES = ('--width', 96, '--height', 72, '--frames', 16, '--workers', 1)


def test_second_run_keeps_the_videos(repository, monkeypatch, capsys, tmp_path):
    run = in_process_runner(repository, monkeypatch, capsys)
    root = tmp_path / 'psg4d_gta'
    counts = ('--train', 1, '--test', 1, '--unseen', 1)
    first = run(TOOL, '--out', tmp_path, *counts, *SIZES)
    assert first.returncode == 0, first.stderr
    assert '3 videos, 0 of them there already' in first.stdout
    # The simulator's chatter stays off the terminal.
    assert 'pybullet' not in first.stdout
    content = json.loads((root / 'sailvos3d.json').read_text())
    assert content['split'] == dict(
        train=['train_0000'], val=['test_0000'], unseen=['unseen_0000']
    )
    assert [row['video_id'] for row in content['data']] == [
        'train_0000',
        'test_0000',
        'unseen_0000',
    ]
    frames = sorted(root.glob('*/*/*'))
    assert len(frames) == 3 * 4 * 16
    written = {path: path.stat().st_mtime_ns for path in frames}
    sheet = tmp_path / 'sheet.png'
    counts = ('--train', 1, '--test', 1, '--unseen', 0)
    second = run(TOOL, '--out', tmp_path, *counts, *SIZES, '--contact-sheet', sheet)
    assert second.returncode == 0, second.stderr
    assert '2 videos, 2 of them there already' in second.stdout
    assert {path: path.stat().st_mtime_ns for path in frames} == written
    content = json.loads((root / 'sailvos3d.json').read_text())
    assert content['split'] == dict(train=['train_0000'], val=['test_0000'], unseen=[])
    assert sheet.read_bytes().startswith(b'\x89PNG')


def test_held_out_labels_are_in_every_video_of_every_layout(
    repository, monkeypatch, capsys, tmp_path
):
    run = in_process_runner(repository, monkeypatch, capsys)
    counts = ('--train', 2, '--test', 1, '--unseen', 0)
    layouts = ('--layouts', 'psg4d_gta', 'psg')
    result = run(TOOL, '--out', tmp_path, '--held-out', *layouts, *counts, *SIZES)
    assert result.returncode == 0, result.stderr
    split = dict(psg4d_gta='val', psg='test')
    for name, kind in (('psg4d_gta', PSG4DGTADataset), ('psg', PSGDataset)):
        found = {}
        for part in ('train', split[name]):
            dataset = kind(data_root=str(tmp_path / name), split=part, pipeline=[])
            for item in (dataset[i] for i in range(len(dataset))):
                graph = item['scene_graph']
                video = found.setdefault(graph.video_id.rpartition('/')[2], set())
                video.update(thing.category for thing in graph.objects)
                video.update(relation.predicate for relation in graph.relations)
        assert len(found) == 3
        assert all(words & HELD_OUT for words in found.values()), (name, found)


@pytest.mark.parametrize(
    'options, says',
    [
        (('--train', -1), '--train, --test, --unseen are [-1, 60, 20]'),
        (('--train', 0, '--test', 0, '--unseen', 0), 'one of them above 0'),
        (('--train', 1_000_000), 'from 0 to 999999'),
        (('--seed', -1), '--seed is -1, expected 0 or more'),
        (('--frames', 0), '--frames is 0, expected 8 or more'),
        (('--width', -5), '--width is -5, expected 48 or more'),
        (('--height', 1), '--height is 1, expected 36 or more'),
    ],
)
def test_bad_numbers_are_refused_in_one_line(
    repository, monkeypatch, capsys, tmp_path, options, says
):
    run = in_process_runner(repository, monkeypatch, capsys)
    result = run(TOOL, '--out', tmp_path / 'out', *options)
    assert result.returncode == 2
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith('error: ')
    assert says in line
    assert not (tmp_path / 'out').exists()


def test_without_the_simulator_one_line_tells_what_to_install(
    run_tool, repository, tmp_path
):
    code = (
        'import runpy, sys; sys.modules["pybullet"] = None; '
        f'sys.argv = ["make_tabletop.py", "--out", {str(tmp_path / "out")!r}]; '
        f'runpy.run_path({str(repository / TOOL)!r}, run_name="__main__")'
    )
    result = run_tool('-c', code)
    assert result.returncode == 2, result.stderr
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith('error: the simulated world needs PyBullet: pip install')
    assert not (tmp_path / 'out').exists()
