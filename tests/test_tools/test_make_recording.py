import cv2
import numpy as np
import pytest
from in_process import in_process_runner

from mmfourdpsg.structures import load_scene_graphs

pytest.importorskip('pybullet')
TOOL = 'tools/make_recording.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_a_recording_is_what_infer_reads(tmp_path, run_tool, fails):
    out = tmp_path / 'new' / 'recording'
    result = run_tool(TOOL, '--out', out)
    assert result.returncode == 0, result.stderr
    (graph,) = load_scene_graphs(out / 'truth.json')
    assert f'{len(graph.relations)} relations' in result.stdout
    names = [f'{i:06d}.png' for i in range(graph.num_frames)]
    for folder, channels, kind in (('rgb', 3, np.uint8), ('depth', 1, np.uint16)):
        paths = sorted((out / folder).iterdir())
        assert [path.name for path in paths] == names
        image = cv2.imread(str(paths[0]), cv2.IMREAD_UNCHANGED)
        assert image.dtype == kind
        assert image.size == graph.height * graph.width * channels
    # A table is some decimetres to metres away.
    assert 300 < np.median(image) < 3000
    assert [path.name for path in out.parent.iterdir()] == ['recording']
    fails(TOOL, '--out', out, says=['recording: is there already'])
    fails(TOOL, '--out', tmp_path / 'x', '--seed', 10_000, says=['--seed is 10000'])
    assert not (tmp_path / 'x').exists()


def test_each_edition_has_its_own_recordings(tmp_path, run_tool, monkeypatch):
    made = []
    monkeypatch.setattr(
        'mmfourdpsg.simulation.simulate.simulate_video',
        lambda name, seed, edition: made.append((name, edition.name)),
    )
    for flags in ([], ['--clutter']):
        # Nothing was made, so there is nothing to write.
        with pytest.raises(AttributeError):
            run_tool(TOOL, '--out', tmp_path / 'out', *flags)
    assert made == [('recording_0000', 'tabletop'), ('recording_0000', 'clutter')]
