import json

import pytest
from in_process import in_process_runner

TOOL = 'tools/eval_scene_graphs.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


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
    info = dict(protocol='strict', labels='exact')
    assert json.loads(out.read_text()) == {'R@5': 100.0, 'mR@5': 100.0, 'info': info}
    assert result.stdout.splitlines()[-1] == 'protocol: strict, labels: exact'


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


def test_both_protocols_are_there(tmp_path, run_tool):
    truth, found = _content(), _content()
    for content, span in ((truth, [[0, 0]]), (found, [[0, 3]])):
        video = content['videos'][0]
        video['num_frames'] = 4
        video['relations'][0]['span'] = span
        tube = {str(i): dict(size=[2, 2], counts='04') for i in range(4)}
        for item in video['objects']:
            item['tube'] = tube
    gt, pred = tmp_path / 'gt.json', tmp_path / 'pred.json'
    gt.write_text(json.dumps(truth))
    pred.write_text(json.dumps(found))
    # Only the strict protocol minds that the span is four times too long.
    for protocol, recall in (('strict', 0.0), ('openpvsg', 100.0)):
        out = tmp_path / f'{protocol}.json'
        result = run_tool(
            TOOL, '--gt', gt, '--pred', pred, '--protocol', protocol, '--out', out
        )
        assert result.returncode == 0, result.stderr
        metrics = {f'{name}@{k}': recall for k in (20, 50, 100) for name in ('R', 'mR')}
        metrics['info'] = dict(protocol=protocol, labels='exact')
        assert json.loads(out.read_text()) == metrics
        parts = result.stdout[result.stdout.index('parts') :].splitlines()
        assert [row.split()[-1] for row in parts[1:6]] == ['100.00'] * 4 + ['25.00']


def test_missing_videos_are_told_and_unknown_ones_refused(tmp_path, run_tool, fails):
    both, one = _content(), _content()
    both['videos'].append(dict(both['videos'][0], video_id='b'))
    two_path, one_path = tmp_path / 'two.json', tmp_path / 'one.json'
    two_path.write_text(json.dumps(both))
    one_path.write_text(json.dumps(one))
    result = run_tool(TOOL, '--gt', two_path, '--pred', one_path)
    assert result.returncode == 0
    assert result.stderr.count('warning: 1 of 2 videos have no prediction') == 1
    assert 'all (R@K)' in result.stdout and ' 50.00' in result.stdout
    fails(TOOL, '--gt', one_path, '--pred', two_path, says=["'b'", 'ground truth'])
    fails(TOOL, '--gt', one_path, '--pred', one_path, '--topk', 0, says=['topk'])
    fails(TOOL, '--gt', tmp_path / 'none.json', '--pred', one_path, says=['none.json'])


def test_without_ground_truth_there_is_no_number(tmp_path, run_tool):
    content = _content()
    content['videos'][0]['relations'] = []
    path, out = tmp_path / 'gt.json', tmp_path / 'metrics.json'
    path.write_text(json.dumps(content))
    result = run_tool(TOOL, '--gt', path, '--pred', path, '--topk', 5, '--out', out)
    assert result.returncode == 0, result.stderr
    metrics = json.loads(out.read_text())
    assert (metrics['R@5'], metrics['mR@5']) == (None, None)


def test_labels_can_be_compared_in_other_ways(tmp_path, run_tool, fails):
    truth, found = _content(), _content()
    for content in (truth, found):
        for item in content['videos'][0]['objects']:
            item['tube'] = {'0': dict(size=[2, 2], counts='04')}
    truth['videos'][0]['relations'][0]['predicate'] = 'holding'
    found['videos'][0]['relations'][0]['predicate'] = 'grasped'
    gt, pred, table = (tmp_path / f'{name}.json' for name in ('gt', 'pred', 'table'))
    gt.write_text(json.dumps(truth))
    pred.write_text(json.dumps(found))
    table.write_text('[["hold", "grasp"]]')
    files = ('--gt', gt, '--pred', pred)
    alias = ('--labels', 'alias', '--synonyms', table)
    near = ('--labels', 'embedding', '--similarity', '0.5')
    for options, recall, says in (
        ((), 0, 'labels: exact'),
        (('--labels', 'alias'), 0, 'labels: alias (lemmas)'),
        (alias, 100, 'labels: alias (lemmas, table.json)'),
        (near, 100, 'labels: embedding (all-MiniLM-L6-v2, cosine at least 0.5)'),
    ):
        out = tmp_path / 'out.json'
        result = run_tool(TOOL, *files, *options, '--out', out)
        assert result.returncode == 0, result.stderr
        metrics = json.loads(out.read_text())
        assert metrics['R@20'] == recall, options
        assert result.stdout.splitlines()[-1].endswith(says)
        assert metrics['info']['labels'] == says.removeprefix('labels: ')
    fails(TOOL, *files, '--synonyms', table, says=['expected --labels alias'])
    fails(TOOL, *files, *near[:2], '--similarity', 2, says=['at most 1'])
