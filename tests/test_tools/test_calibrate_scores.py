"""Calibration of files of predictions, on the command line."""

import numpy as np
import pytest
from in_process import in_process_runner

from mmfourdpsg.models.frameworks.scene_graph_assembler import calibrate
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    save_scene_graphs,
)

TOOL = 'tools/analysis_tools/calibrate_scores.py'
SLOPE, OFFSET = 2.0, -0.5


def a_graph(index, score=None, category='cup'):
    masks = np.eye(2, dtype=bool)[:, None]
    tubes = [MaskTube.from_masks({0: mask}, 1, 2) for mask in masks]
    objects = [
        SceneObject(0, category, score=score, tube=tubes[0]),
        SceneObject(1, 'table', score=score, tube=tubes[1]),
    ]
    rows = [Relation(0, 'on', 1, [(0, 0)], score)]
    return SceneGraph(str(index), 1, 2, 1, objects, rows)


@pytest.fixture
def files(tmp_path):
    """Six videos, raw and calibrated predictions for them, and a config."""
    names = ['cup', 'hat', 'cup', 'hat', 'cup', 'cup']
    scores = np.linspace(0.2, 0.8, len(names))
    made = [calibrate(score, SLOPE, OFFSET) for score in scores]
    places = range(len(names))
    graphs = dict(
        gt=[a_graph(i) for i in places],
        raw=[a_graph(i, scores[i], names[i]) for i in places],
        made=[a_graph(i, made[i], names[i]) for i in places],
    )
    paths = {name: str(tmp_path / f'{name}.json') for name in graphs}
    for name, rows in graphs.items():
        save_scene_graphs(rows, paths[name])
    config = tmp_path / 'config.py'
    pair = (SLOPE, OFFSET)
    config.write_text(
        'model = dict(assembler=dict('
        f'object_calibration={pair}, relation_calibration={pair}))\n'
    )
    return dict(paths, config=str(config), plot=str(tmp_path / 'plot.png'))


def test_two_ways_of_scoring_are_told_and_plotted_side_by_side(
    files, repository, monkeypatch, capsys, tmp_path
):
    run = in_process_runner(repository, monkeypatch, capsys)
    raw = run(TOOL, '--gt', files['gt'], '--pred', files['raw'], '--folds', '3')
    assert raw.returncode == 0, raw.stderr
    lines = raw.stdout.splitlines()
    assert lines[0].startswith('object_calibration=(')
    assert lines[1].strip() == 'fitted on 12, of which 10 are right'
    # What a config has calibrated gives the same once that is undone.
    undone = run(
        TOOL, '--gt', files['gt'], '--pred', f'one={files["made"]}',
        f'two={files["made"]}', '--undo', files['config'], '--folds', '3',
        '--plot', files['plot'],
    )  # fmt: skip
    assert undone.returncode == 0, undone.stderr
    assert undone.stdout.splitlines() == ['one:', *lines, 'two:', *lines]
    assert (tmp_path / 'plot.png').stat().st_size > 1000
