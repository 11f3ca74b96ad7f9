import json

import pytest
from in_process import in_process_runner

TOOL = 'tools/analysis_tools/explain_tubes.py'
CONFIG = 'configs/4dllm/tabletop/step1.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_each_object_has_the_iou_that_its_annotated_text_prompts(
    tiny_world, run_tool, tmp_path
):
    out = tmp_path / 'tubes.json'
    result = run_tool(
        TOOL, CONFIG, 'none', '--group', 'apart=wall', '--out', out, '--min-iou', '0.6',
        '--cfg-options', f'test_dataloader.dataset.data_root={tiny_world}',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    rows = json.loads(out.read_text())
    assert set(rows) == {'apart', 'stuff', 'things'}
    assert set(rows['apart']['labels']) == {'wall'}
    assert set(rows['stuff']['labels']) <= {'floor', 'table'}
    # Every object of the test videos is there once.
    content = json.loads((tiny_world / 'sailvos3d.json').read_text())
    videos = [row for row in content['data'] if row['video_id'].startswith('test')]
    objects = sum(len(row['object']) for row in videos)
    assert sum(row['objects'] for row in rows.values()) == objects
    for row in rows.values():
        whole = sum(label['objects'] * label['iou'] for label in row['labels'].values())
        assert row['iou'] == pytest.approx(whole / row['objects'])
        assert 0 <= row['iou'] <= 1
    # The weights that all begins with find the walls of scenes that they never saw.
    assert rows['apart']['iou'] > 0.5
    assert rows['apart']['fit'] > 0
    lines = {line.split('  ')[0]: line.split() for line in result.stdout.splitlines()}
    assert lines['apart'][1:] == [
        str(rows['apart']['objects']),
        f'{rows["apart"]["iou"]:.3f}',
        f'{rows["apart"]["fit"]:.1%}',
    ]
    assert 'IoU >= 0.6' in result.stdout


def test_bad_groups_are_one_line(run_tool, fails):
    fails(TOOL, CONFIG, 'none', '--group', 'apart', says=['expected NAME=LABEL'])
