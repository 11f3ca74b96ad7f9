import json

import pytest

TOOL = 'tools/eval_scene_graphs.py'


def _content():
    tube = {'0': dict(size=[2, 2], counts='04')}
    objects = [
        dict(id=i, category='cup', is_thing=True, score=0.5, tube=tube) for i in (1, 2)
    ]
    relation = dict(subject=1, predicate='on', object=2, span=[[0, 0]], score=0.5)
    video = dict(
        video_id='a', height=2, width=2, num_frames=1, objects=objects,
        relations=[relation],
    )  # fmt: skip
    info = dict(format='mmfourdpsg/scene-graph', version=1)
    return dict(info=info, videos=[video])


def test_a_table_is_printed_and_the_metrics_are_written(tmp_path, run_tool):
    path, out = tmp_path / 'gt.json', tmp_path / 'metrics.json'
    path.write_text(json.dumps(_content()))
    result = run_tool(TOOL, '--gt', path, '--pred', path, '--topk', 5, '--out', out)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0].split() == ['predicate', 'number', '@5']
    assert json.loads(out.read_text()) == {'R@5': 100.0, 'mR@5': 100.0}


def _truncated(text):
    return text[: len(text) // 2]


def _changed(old, new):
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ('damage', 'says'),
    [
        (_truncated, 'is not valid JSON'),
        (_changed('"height": 2', '"height": "2"'), 'videos[0].height'),
        (_changed('[2, 2]', '[3, 2]'), 'has size [3, 2], expected [2, 2]'),
        (_changed('"score": 0.5', '"score": NaN'), 'finite'),
    ],
    ids=['truncated', 'wrong type', 'size', 'nan'],
)
def test_bad_predictions_are_one_line(tmp_path, fails, damage, says):
    good, bad = tmp_path / 'gt.json', tmp_path / 'bad.json'
    good.write_text(json.dumps(_content()))
    bad.write_text(damage(json.dumps(_content())))
    out = tmp_path / 'metrics.json'
    fails(TOOL, '--gt', good, '--pred', bad, '--out', out, says=['bad.json', says])
    assert not out.exists()
