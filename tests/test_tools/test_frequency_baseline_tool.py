import pytest
from in_process import in_process_runner

from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)

TOOL = 'tools/analysis_tools/frequency_baseline.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_the_test_file_is_predicted_from_the_training_file(tmp_path, run_tool, fails):
    objects = [SceneObject(3, 'cup'), SceneObject(5, 'tray')]
    train = SceneGraph('a', 2, 2, 4, objects, [Relation(3, 'in', 5, [(1, 1)])])
    test = SceneGraph('b', 2, 2, 9, objects, [Relation(5, 'under', 3, [(0, 1)])])
    paths = [tmp_path / name for name in ('train.json', 'test.json', 'pred.json')]
    save_scene_graphs([train], paths[0])
    save_scene_graphs([test], paths[1])
    result = run_tool(TOOL, '--train', paths[0], '--test', paths[1], '--out', paths[2])
    assert result.returncode == 0, result.stderr
    (graph,) = load_scene_graphs(paths[2])
    assert (graph.video_id, graph.num_frames) == ('b', 9)
    assert graph.relations == [Relation(3, 'in', 5, [(0, 8)], 1.0)]

    paths[0].write_text('{"info"')
    paths[2].unlink()
    arguments = ['--train', paths[0], '--test', paths[1], '--out', paths[2]]
    fails(TOOL, *arguments, says=['train.json', 'JSON'])
    assert not paths[2].exists()
