import json

import pytest
from in_process import in_process_runner

TOOL = 'tools/analysis_tools/explain_text.py'
CONFIG = 'configs/4dllm/tabletop/step1.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_each_part_of_the_text_has_its_likelihood(tiny_world, run_tool, tmp_path):
    out = tmp_path / 'text.json'
    content = json.loads((tiny_world / 'sailvos3d.json').read_text())
    result = run_tool(
        TOOL, CONFIG, 'none', '--group', 'apart=table, wall', '--out', out,
        '--cfg-options', f'test_dataloader.dataset.data_root={tiny_world}',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    rows = json.loads(out.read_text())
    # Every relation of the two test videos has a line, every object a mention.
    videos = [row for row in content['data'] if row['video_id'].startswith('test')]
    spans = sum(len(rest) for row in videos for _, _, _, *rest in row['relations'])
    objects = sum(len(row['object']) for row in videos)
    count = lambda kind: sum(  # noqa: E731
        row['parts'] for name, row in rows.items() if name.split(',')[0] == kind
    )
    assert count('predicate') == count('subject') == count('times') == spans
    assert count('mention') == objects
    assert set(rows['mention, apart']['labels']) == {'table', 'wall'}
    assert not {'table', 'wall'} & set(rows['mention']['labels'])
    for row in rows.values():
        labels = row.get('labels', {}).values()
        nats = sum(label['parts'] * label['nats'] for label in labels)
        assert not labels or nats == pytest.approx(row['nats'])
        best = sum(label['likeliest'] for label in labels)
        assert not labels or best == row['likeliest'] <= row['parts']
    lines = {line.split('  ')[0]: line.split() for line in result.stdout.splitlines()}
    assert lines['predicate'][1] == str(spans)
    share = rows['predicate']['likeliest'] / spans
    assert lines['predicate'][-1] == f'{share:.1%}'
    assert float(lines['all tokens'][-1]) == pytest.approx(
        sum(row['nats'] for row in rows.values())
        / sum(row['tokens'] for row in rows.values()),
        abs=0.006,
    )


@pytest.mark.parametrize(
    ('rows', 'says'),
    [
        (['apart'], ['--group apart', 'expected NAME=LABEL']),
        (['a=on', 'b=on'], ['--group b=on', 'on is in another group']),
    ],
)
def test_bad_groups_are_one_line(run_tool, fails, rows, says):
    options = [option for row in rows for option in ('--group', row)]
    fails(TOOL, CONFIG, 'none', *options, says=says)
