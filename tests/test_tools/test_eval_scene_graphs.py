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


def _video(content):
    return content['videos'][0]


def _tube(content):
    return _video(content)['objects'][0]['tube']['0']


def _relation(content):
    return _video(content)['relations'][0]


def _set(get, **values):
    def damage(content):
        get(content).update(values)

    return damage


def _repeat_video(content):
    content['videos'].append(content['videos'][0])


def _repeat_object(content):
    _video(content)['objects'].append(_video(content)['objects'][0])


REFUSED = {
    'format': (
        lambda c: c['info'].update(format='coco'),
        "info: expected format 'mmfourdpsg/scene-graph'",
    ),
    'version': (lambda c: c['info'].update(version=2), 'version 1'),
    'no videos': (lambda c: c.pop('videos'), "expected the key 'videos'"),
    'videos no list': (lambda c: c.update(videos={}), 'videos: expected list'),
    'video no object': (
        lambda c: c.update(videos=[3]),
        'videos[0]: expected an object',
    ),
    'duplicate video': (_repeat_video, "distinct ids, 'a' occurs twice"),
    'height is text': (_set(_video, height='2'), 'videos[0].height: expected int'),
    'width is true': (_set(_video, width=True), 'videos[0].width: expected int'),
    'height is zero': (_set(_video, height=0), 'videos[0].height: expected at least 1'),
    'frames negative': (
        _set(_video, num_frames=-1),
        'videos[0].num_frames: expected at',
    ),
    'no category': (
        lambda c: _video(c)['objects'][0].pop('category'),
        "objects[0]: expected the key 'category'",
    ),
    'empty category': (
        lambda c: _video(c)['objects'][0].update(category=' '),
        'category',
    ),
    'duplicate object': (_repeat_object, 'two objects have the id 1'),
    'size of another': (_set(_tube, size=[3, 2]), 'has size [3, 2], expected [2, 2]'),
    'size of a list': (_set(_tube, size='2x2'), 'not a run-length encoding'),
    'counts overrun': (_set(_tube, counts='09'), 'encodes 9 pixels, expected 4'),
    'counts too short': (_set(_tube, counts='02'), 'encodes 2 pixels, expected 4'),
    'counts cut off': (_set(_tube, counts='0P'), 'stop within a number'),
    'counts no code': (_set(_tube, counts='0\u00e4'), 'outside the code'),
    'counts negative': (_set(_tube, counts='0O5'), 'negative'),
    'frame no number': (
        lambda c: _video(c)['objects'][0].update(tube={'x': _tube(c)}),
        'tube',
    ),
    'box of three': (
        lambda c: _video(c)['objects'][0].update(boxes={'0': [1, 2, 3]}),
        'boxes',
    ),
    'unknown subject': (_set(_relation, subject=9), '9'),
    'predicate no text': (_set(_relation, predicate=None), 'predicate: expected str'),
    'empty span': (_set(_relation, span=[]), 'span'),
    'span reversed': (_set(_relation, span=[[3, 1]]), 'span'),
    'span negative': (_set(_relation, span=[[-2, 0]]), 'span'),
    'span of one number': (_set(_relation, span=[[1]]), 'span'),
    'score is text': (_set(_relation, score='high'), 'score: expected'),
    'score is nan': (_set(_relation, score=float('nan')), 'finite'),
    'score is endless': (_set(_relation, score=float('inf')), 'finite'),
    'another size': (
        lambda c: (
            _video(c).update(height=4, width=1),
            [item.pop('tube') for item in _video(c)['objects']],
        ),
        '4 x 1 pixels, expected 2 x 2',
    ),
    'unknown video': (_set(_video, video_id='z'), "'z'"),
}


@pytest.mark.parametrize('kind', REFUSED)
def test_bad_predictions_are_one_line(tmp_path, fails, kind):
    damage, says = REFUSED[kind]
    good, bad = tmp_path / 'gt.json', tmp_path / 'bad.json'
    content = _with_tubes()
    good.write_text(json.dumps(content))
    damage(content)
    bad.write_text(json.dumps(content))
    out = tmp_path / 'metrics.json'
    fails(TOOL, '--gt', good, '--pred', bad, '--out', out, says=[says])
    assert not out.exists()


@pytest.mark.parametrize(
    ('text', 'says'),
    [
        ('{"info": {"format": "mm', 'is not valid JSON'),
        ('', 'is not valid JSON'),
        ('[]', 'top level: expected an object'),
        ('\ufeff\x00', 'is not valid JSON'),
        ('[' * 100000, 'is not valid JSON'),
    ],
    ids=['truncated', 'empty', 'list', 'binary', 'nested'],
)
def test_what_is_no_scene_graph_file_is_one_line(tmp_path, fails, text, says):
    good, bad = tmp_path / 'gt.json', tmp_path / 'bad.json'
    good.write_text(json.dumps(_with_tubes()))
    bad.write_text(text)
    fails(TOOL, '--gt', good, '--pred', bad, says=['bad.json', says])
    fails(TOOL, '--gt', bad, '--pred', good, says=['bad.json', says])


def _with_tubes():
    content = _content()
    for item in content['videos'][0]['objects']:
        item['tube'] = {'0': dict(size=[2, 2], counts='04')}
    return content


@pytest.mark.parametrize(
    ('damage', 'says', 'recall'),
    [
        # A span or a tube that goes past the end is read as it is: it can only cost.
        (_set(_relation, span=[[0, 7]]), None, 100.0),
        (_set(_relation, span=[[5, 7]]), None, 0.0),
        (
            lambda c: _video(c)['relations'].append(
                dict(_relation(c), object=_relation(c)['subject'])
            ),
            'with itself',
            100.0,
        ),
        (
            lambda c: _video(c)['relations'].append(dict(_relation(c), score=0.1)),
            None,
            100.0,
        ),
        (lambda c: _video(c)['objects'][0].pop('tube'), None, 0.0),
        (lambda c: _relation(c).pop('score', None), None, 100.0),
        (lambda c: c['videos'].clear(), '1 of 1 videos have no prediction', 0.0),
    ],
    ids=[
        'span too long',
        'span outside',
        'relation with itself',
        'repeated relation',
        'object without masks',
        'no score',
        'missing video',
    ],
)
def test_odd_predictions_are_scored_with_at_most_one_warning(
    tmp_path, run_tool, damage, says, recall
):
    good, odd = tmp_path / 'gt.json', tmp_path / 'odd.json'
    content = _with_tubes()
    good.write_text(json.dumps(content))
    damage(content)
    odd.write_text(json.dumps(content))
    out = tmp_path / 'metrics.json'
    result = run_tool(TOOL, '--gt', good, '--pred', odd, '--out', out)
    assert result.returncode == 0, result.stderr
    assert json.loads(out.read_text())['R@20'] == recall
    if says is None:
        assert result.stderr == ''
    else:
        assert result.stderr.count('warning: ') == 1
        assert says in result.stderr


def test_only_the_strict_protocol_minds_an_over_long_span(tmp_path, run_tool):
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
        assert parts[6].split()[-1] == '1'
        assert not any('baseline' in row for row in parts)


def test_a_baseline_is_scored_on_the_same_pairs(tmp_path, run_tool, fails):
    truth, other = _content(), _content()
    for content, predicate in ((truth, 'on'), (other, 'in')):
        video = content['videos'][0]
        video['relations'][0]['predicate'] = predicate
        for item in video['objects']:
            item['tube'] = {'0': dict(size=[2, 2], counts='04')}
    paths = [tmp_path / name for name in ('gt.json', 'other.json')]
    for path, content in zip(paths, (truth, other), strict=True):
        path.write_text(json.dumps(content))
    gt, other = paths
    result = run_tool(TOOL, '--gt', gt, '--pred', gt, '--baseline', other)
    assert result.returncode == 0, result.stderr
    (line,) = [row for row in result.stdout.splitlines() if 'baseline' in row]
    assert line.split()[-1] == '0.00'
    arguments = ['--gt', gt, '--pred', gt, '--baseline', other, '--protocol', 'sgdet']
    fails(TOOL, *arguments, says=['not for sgdet'])


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


def test_stages_and_groups_are_added(tmp_path, run_tool, fails):
    gt, train, out = (tmp_path / f'{name}.json' for name in ('gt', 'train', 'out'))
    content = _with_tubes()
    _video(content)['objects'][1]['category'] = 'table'
    gt.write_text(json.dumps(content))
    _video(content)['objects'][1]['category'] = 'other'
    _relation(content)['predicate'] = 'behind'
    train.write_text(json.dumps(content))
    files = ('--gt', gt, '--pred', gt, '--topk', 5)
    result = run_tool(TOOL, *files, '--stages', '--train', train, '--out', out)
    assert result.returncode == 0, result.stderr
    metrics = json.loads(out.read_text())
    for stage in ('objects', 'pairs', 'triplets', 'quintuples'):
        assert metrics[f'{stage} R@5'] == 100
    assert metrics['seen objects R@5'] == metrics['unseen objects R@5'] == 100
    assert metrics['seen predicates R@5'] is None
    assert metrics['unseen predicates R@5'] == 100
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ['quintuples', '100.00'] in rows
    assert ['unseen', '1', '100.00'] in rows
    assert ['seen', '0', '-'] in rows
    # Table 8 beside it: what is segmented is named right.
    assert metrics['unseen predicates accuracy'] == 100
    assert metrics['seen predicates accuracy'] is None
    assert ['unseen', 'objects', '1', '100.00'] in rows
    assert 'recognised on matched tubes' in result.stdout

    groups = ('--groups', 'head=1', 'tail=0')
    result = run_tool(TOOL, *files, '--train', train, *groups, '--out', out)
    assert json.loads(out.read_text())['head objects R@5'] == 100
    fails(TOOL, *files, *groups, says=['--groups without --train'])
    fails(TOOL, *files, '--train', gt, '--groups', 'a', says=['expected NAME=LEAST'])
    fails(TOOL, *files, '--train', gt, '--groups', 'a=2', says=['from 0 on'])


def test_masks_are_scored_alone(tmp_path, run_tool):
    gt, out = tmp_path / 'gt.json', tmp_path / 'out.json'
    content = _content()
    content['videos'][0]['relations'] = []
    gt.write_text(json.dumps(content))
    result = run_tool(TOOL, '--gt', gt, '--pred', gt, '--masks', '--out', out)
    assert result.returncode == 0, result.stderr
    written = json.loads(out.read_text())
    # Both cups claim the same pixels: the first has them, for the second none are left.
    assert [written[name] for name in ('VPQ', 'SQ', 'AQ', 'STQ')] == [100] * 4
    assert written['R@20'] is None
    assert ['STQ', '100.00'] in [line.split() for line in result.stdout.splitlines()]


def test_images_are_scored_as_the_field_does(tmp_path, run_tool, fails):
    content = _content()
    video = _video(content)
    for place, item in enumerate(video['objects']):
        item['boxes'] = {'0': [place, 0, place + 1, 2]}
        del item['tube']
    video['relations'].append(dict(video['relations'][0], predicate='by', score=0.9))
    gt, pred, out = (tmp_path / name for name in ('gt.json', 'pred.json', 'out.json'))
    gt.write_text(json.dumps(content))
    pred.write_text(json.dumps(content))
    args = TOOL, '--gt', gt, '--pred', pred, '--protocol', 'sgdet'
    recalls = {}
    for region, constraint in (('box', 'pair'), ('box', 'none'), ('mask', 'none')):
        flags = '--region', region, '--constraint', constraint, '--topk', 2
        result = run_tool(*args, *flags, '--out', out)
        assert result.returncode == 0, result.stderr
        said = f'sgdet, {region} IoU, constraint {constraint}'
        last = result.stdout.splitlines()[-1]
        assert last == f'protocol: {said}, labels: exact'
        written = json.loads(out.read_text())
        assert written['info'] == dict(protocol=said, labels='exact')
        recalls[region, constraint] = written['R@2'], written['mR@2']
    assert recalls == {
        ('box', 'pair'): (50, 50),
        ('box', 'none'): (100, 100),
        ('mask', 'none'): (0, 0),
    }
    fails(*args, '--stages', says=['--stages', 'not for sgdet'])
