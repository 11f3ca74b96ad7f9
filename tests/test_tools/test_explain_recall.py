import json

import cv2
import numpy as np
import pytest
from in_process import in_process_runner

TOOL = 'tools/analysis_tools/explain_recall.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def _content(predicate):
    tube = {'0': dict(size=[2, 2], counts='04')}
    objects = [dict(id=i, category=name, tube=tube) for i, name in ((1, 'a'), (2, 'b'))]
    relations = [dict(subject=1, predicate=predicate, object=2, span=[[0, 0]])]
    video = dict(
        video_id='v', height=2, width=2, num_frames=1, objects=objects,
        relations=relations,
    )  # fmt: skip
    info = dict(format='mmfourdpsg/scene-graph', version=1)
    return dict(info=info, videos=[video])


def test_reasons_are_written_as_numbers_and_a_plot(tmp_path, run_tool):
    gt, pred, out = tmp_path / 'gt.json', tmp_path / 'pred.json', tmp_path / 'out'
    gt.write_text(json.dumps(_content('on')))
    pred.write_text(json.dumps(_content('in')))
    result = run_tool(TOOL, '--gt', gt, '--pred', pred, '--k', 5, '--out', out)
    assert result.returncode == 0, result.stderr
    lines = {
        line.rsplit(maxsplit=3)[0]: line.split() for line in result.stdout.splitlines()
    }
    assert lines['predicate'][-3:] == ['1', '100.0', '%']
    content = json.loads((out / 'recall.json').read_text())
    assert content['info'] == dict(protocol='strict', k=5, labels='exact')
    assert content['predicates'] == {'on': {'predicate': 1}}
    assert {name: count for name, count in content['all'].items() if count} == {
        'predicate': 1
    }
    assert content['relations'] == [
        dict(
            video_id='v', index=0, subject='a 1', predicate='on', object='b 2',
            span=[[0, 0]], reason='predicate', rank=0, failures=['predicate'],
        )
    ]  # fmt: skip
    image = cv2.imread(str(out / 'recall.png'))
    assert image.shape[1] > 800
    # The colour of the only reason fills two bars.
    orange = np.abs(image.astype(int) - (97, 174, 253)).max(2) < 3
    assert orange.mean() > 0.1


def test_bad_input_is_one_line(tmp_path, fails):
    path = tmp_path / 'gt.json'
    path.write_text(json.dumps(_content('on')))
    empty = _content('on')
    empty['videos'][0]['relations'] = []
    none = tmp_path / 'none.json'
    none.write_text(json.dumps(empty))
    out = tmp_path / 'out'
    files = ('--gt', path, '--pred', path, '--out', out)
    fails(TOOL, *files, '--k', 0, says=['--k is 0', 'at least 1'])
    fails(TOOL, '--gt', none, '--pred', none, '--out', out, says=['no relations'])
    assert not out.exists()
