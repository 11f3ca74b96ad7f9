"""Reports on annotations: ids, boxes, masks and lists of splits."""

import json
import runpy
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from mmfourdpsg.evaluation.functional import evaluate_sgdet
from mmfourdpsg.structures import load_scene_graphs

ROOT = Path(__file__).parents[2]
OWN = ROOT / 'configs/4dllm/own_data.py'


def _run(tool: str, *arguments: object) -> tuple[int, str, str]:
    """Return a command's status, what it printed, and errors with warnings."""
    out, error = StringIO(), StringIO()
    words = [str(ROOT / tool), *map(str, arguments)]
    status = 0
    with (
        warnings.catch_warnings(record=True) as caught,
        patch.object(sys, 'argv', words),
        redirect_stdout(out),
        redirect_stderr(error),
    ):
        warnings.simplefilter('always')
        try:
            runpy.run_path(words[0], run_name='__main__')
        except SystemExit as stop:
            status = stop.code or 0
    told = '\n'.join(str(row.message) for row in caught)
    return status, out.getvalue(), f'{told}\n{error.getvalue()}'


def _check_own(report: Path, tmp_path: Path, *options: str) -> tuple[int, str, str]:
    """Run ``check_dataset.py`` on own data as the report says."""
    config = tmp_path / 'own.py'
    dataset = f'dict(data_root={str(report / "data") + "/"!r})'
    loaders = ''.join(
        f'{part}_dataloader = dict(dataset={dataset})\n'
        for part in ('train', 'val', 'test')
    )
    config.write_text(f'_base_ = [{str(OWN)!r}]\n{loaders}', encoding='utf-8')
    tool = 'tools/analysis_tools/check_dataset.py'
    return _run(tool, config, '--workers', '1', *options)


def _export(dataset: str, root: Path, out: Path, *more: str) -> tuple[int, str, str]:
    options = ('--dataset', dataset, '--data-root', root, '--split', 'all')
    return _run('tools/export_scene_graphs.py', *options, '--out', out, *more)


def check_object_id_zero(report: Path, tmp_path: Path) -> None:
    status, _, error = _check_own(report, tmp_path)
    assert status == 2
    (line,) = [row for row in error.splitlines() if row.startswith('error: ')]
    assert "scene_graphs.json: video 'kitchen': has an object with the id 0" in line


def check_pvsg_mask_without_object(report: Path, tmp_path: Path) -> None:
    root, out = report / 'pvsg', tmp_path / 'pvsg.json'
    status, _, error = _export('pvsg', root, out)
    assert status == 0, error
    (line,) = [row for row in error.splitlines() if row.startswith('warning: ')]
    assert '1 masks have ids that the annotation lacks, taken as void' in line
    assert 'masks/b/0003.png [38]' in line
    graphs = {graph.video_id: graph for graph in load_scene_graphs(out)}
    assert [item.id for item in graphs['b'].objects] == [1, 2]
    assert all(len(item.tube) for item in graphs['b'].objects)
    # A switch refuses such data, and nothing is written.
    status, _, error = _export('pvsg', root, tmp_path / 'strict.json', '--strict')
    assert status == 2
    assert 'has the unknown object ids [38]' in error.splitlines()[-1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ['pvsg.json']
    # All such masks are listed.
    config, found = tmp_path / 'config.py', tmp_path / 'found.json'
    row = f"dict(type='PVSGDataset', data_root={str(root)!r}, pipeline=masks)"
    config.write_text(
        "masks = [dict(type='LoadRGBFrames'), dict(type='LoadPanopticMasks')]\n"
        f'train_dataloader = dict(dataset={row})\n',
        encoding='utf-8',
    )
    options = (config, '--workers', '1', '--out', found)
    status, text, error = _run('tools/analysis_tools/check_dataset.py', *options)
    assert status == 0, error
    assert 'masks/b/0003.png: [38]' in text
    (listed,) = json.loads(found.read_bytes())[0]['masks_with_unknown_ids']
    assert listed == dict(file=str(root / 'vidor/masks/b/0003.png'), ids=[38])
    status, _, error = _run(
        'tools/analysis_tools/check_dataset.py', *options, '--strict'
    )
    assert status == 1, error


def check_split_list_with_spaces(report: Path, tmp_path: Path) -> None:
    found = tmp_path / 'found.json'
    status, text, error = _check_own(report, tmp_path, '--out', str(found))
    assert status == 0, error + text
    train = json.loads(found.read_bytes())[0]
    assert (train['counts']['videos'], train['problems']) == (1, [])


def check_vg_boxes_beyond_the_image(report: Path, tmp_path: Path) -> None:
    out = tmp_path / 'gt.json'
    status, _, error = _export('vg', report / 'vg', out)
    assert status == 0, error
    assert '3 boxes without area in the image left out' in error
    assert '3 relations of an object without a box left out' in error
    graphs = load_scene_graphs(out)
    for graph in graphs:
        for item in graph.objects:
            x1, y1, x2, y2 = item.boxes[0]
            assert 0 <= x1 < x2 <= graph.width
            assert 0 <= y1 < y2 <= graph.height
    for prediction in (graphs, load_scene_graphs(report / 'pred.json')):
        result = evaluate_sgdet(graphs, prediction, (20,), region='box')
        assert result.metrics['R@20'] == 100
