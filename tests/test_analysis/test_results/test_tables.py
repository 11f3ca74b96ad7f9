from mmfourdpsg.analysis.results.benchmark_tables import cost_table, paper_table
from mmfourdpsg.analysis.results.records import MARK
from mmfourdpsg.analysis.results.tables import (
    RECALLS,
    foundation_table,
    parts_table,
    recall_table,
    scores_table,
    study_table,
    study_tables,
)

EARLIER = 'made with an earlier recipe'


def a_record(recall=10.0, parts=None, **more):
    parts = parts or dict(tube_iou=50.0, predicate_pairs=4)
    return dict(
        metrics=dict.fromkeys(RECALLS, recall),
        parts=parts,
        objects=3,
        relations=2,
        **more,
    )


def cells(line):
    return [cell.strip() for cell in line.strip('|').split('|')]


def test_several_seeds_have_a_mean_and_a_deviation():
    trained = dict(steps=100, train_seconds=90)
    rows = {
        'two': [a_record(10.0, **trained), a_record(20.0, **trained)],
        'none': [a_record(None)],
    }
    _, _, two, none = recall_table(rows).splitlines()
    assert cells(two) == ['two', '2', '100', '1.5', *['15.00 ± 7.07'] * len(RECALLS)]
    assert cells(none) == ['none', '-', '-', '-', *['-'] * len(RECALLS)]


def test_what_no_record_knows_of_has_no_column():
    head, _, row = parts_table({'it': [a_record()]}).splitlines()
    assert cells(head) == ['', 'tube IoU', 'pairs', 'objects', 'relations']
    assert cells(row) == ['it', '50.00', '4', '3', '2']


def test_a_baseline_that_nothing_was_measured_with_has_no_column():
    key, title = 'baseline_predicate_accuracy', "the baseline's on the same pairs"
    for value, shown in ((None, False), (30.0, True)):
        head = parts_table({'it': [a_record(parts={key: value})]}).splitlines()[0]
        assert (title in cells(head)) == shown


def test_the_mark_is_told_where_a_row_has_it():
    assert EARLIER not in study_tables({'it': [a_record()]})
    marked = study_tables({'it' + MARK: [a_record()]})
    assert marked.count(EARLIER) == 1
    assert '| it \\* |' in marked


def test_a_test_is_shown_with_its_command_and_without_its_time():
    record = dict(
        name='SAM2', config='a.py', options=['x=1', 'y=2'], checkpoint='none',
        metrics={'pointed/at_box': 77.288, 'time': 0.1},
    )  # fmt: skip
    table = scores_table([record, dict(record, name='b' + MARK, options=[])])
    first, second = table.splitlines()[2:4]
    command = '`tools/test.py a.py none --cfg-options x=1 y=2`'
    assert cells(first) == ['SAM2', command, 'pointed at box 77.29']
    assert cells(second)[1] == '`tools/test.py a.py none`'
    assert EARLIER in table


def test_weights_that_learned_together_share_a_line():
    scores = {('20', '{"R@1": 50.0}'): ['a.safetensors', 'b.safetensors']}
    line = foundation_table(scores).splitlines()[-1]
    assert line == '| `a.safetensors`, `b.safetensors` | 20 | R@1 50.00 |'


def test_what_the_paper_prints_stands_beside_its_row_with_its_note():
    printed = dict(paper={'paper, R / mR@20': '6.68 / 3.31'}, note='copied.')
    hits = {'a': {'on': [1, 4]}, 'b': {'on': [1, 4]}}
    rows = {'known': [a_record(printed=printed, hits=hits)], 'new': [a_record(None)]}
    head, _, known, new, _, note = paper_table(rows).splitlines()
    assert cells(head)[-1] == 'paper, R / mR@20'
    wide = ['10.00 / 10.00', '[25.0, 25.0]', '[25.0, 25.0]', *['10.00 / 10.00'] * 2]
    assert cells(known) == ['known', *wide, '6.68 / 3.31']
    assert cells(new) == ['new', '- / -', '-', '-', '- / -', '- / -', '-']
    assert note == '- known: copied.'


def test_cost_is_in_millions_minutes_and_seconds():
    cost = dict(parameters=2_500_000, train_seconds=90, seconds_a_video=0.25)
    _, _, row, other = cost_table({'a': [a_record(**cost)], 'b': [{}]}).splitlines()
    assert cells(row) == ['a', '2.50', '1.50', '0.25']
    assert cells(other) == ['b', '-', '-', '-']


def test_of_the_tables_of_a_study_those_without_any_figure_are_left_out():
    record = a_record()
    record['metrics'] |= {'tail objects accuracy': 12.5, 'VPQ': None}
    text = study_tables({'it': [record]})
    assert '| it | - | - | 12.50 | - | - | - |' in text
    assert not any(name in text for name in ('Masks alone', 'Cost', 'the paper'))
    printed = dict(frequency={'paper, tail': '23.68'})
    row = study_table('frequency', {'it': [dict(record, printed=printed)]})
    assert row.splitlines()[-1].endswith('| - | 23.68 |')
