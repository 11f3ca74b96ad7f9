import json
import shutil
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from finished_process import FinishedProcess
from in_process import in_process_runner

from mmfourdpsg.analysis.studies.recipe_digest import recipe_digest
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    save_scene_graphs,
)

RUN = 'tools/analysis_tools/run_study.py'
MAKE = 'tools/analysis_tools/make_results.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def a_graph(predicate):
    masks = np.zeros((2, 4, 6), bool)
    masks[0, :2, :3] = masks[1, 2:, 3:] = True
    objects = [
        SceneObject(i, name, tube=MaskTube.from_masks({0: masks[i], 1: masks[i]}, 4, 6))
        for i, name in enumerate(('cup', 'tray'))
    ]
    return SceneGraph('v', 4, 6, 2, objects, [Relation(0, predicate, 1, [(0, 1)], 1.0)])


@pytest.fixture
def study(tmp_path):
    """A study of two files of predictions, one right and one wrong."""
    for name, predicate in (('gt', 'in'), ('right', 'in'), ('wrong', 'on')):
        save_scene_graphs([a_graph(predicate)], tmp_path / f'{name}.json')
    path = tmp_path / 'studies' / 'tiny.py'
    path.parent.mkdir()
    path.write_text(
        f"ground_truth = '{tmp_path}/gt.json'\n"
        'rows = [\n'
        f"    dict(name='it', predictions='{tmp_path}/right.json', seeds=(0, 1)),\n"
        f"    dict(name='other/one', predictions='{tmp_path}/wrong.json'),\n"
        ']\n'
        'groups = dict(all=(0, 1), second=(1,))\n'
    )
    return path


@pytest.fixture
def options(tmp_path):
    return ['--records', tmp_path / 'docs/records', '--work-dir', tmp_path / 'work']


def test_records_hold_what_was_measured_and_are_made_once(
    study, options, run_tool, tmp_path
):
    result = run_tool(RUN, study, *options)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / 'docs/records/tiny'
    names = sorted(path.name for path in folder.iterdir())
    assert names == ['it_seed0.json', 'it_seed1.json', 'other_one_seed0.json']
    right, wrong = (
        json.loads((folder / name).read_text()) for name in (names[0], names[2])
    )
    assert (right['metrics']['R@20'], wrong['metrics']['R@20']) == (100, 0)
    assert right['parts']['predicate_accuracy'] == 100
    assert wrong['parts']['predicate_accuracy'] == 0
    assert (wrong['parts']['object_recall'], wrong['parts']['tube_iou']) == (100, 100)
    # With the wrong predicate there is no span to compare.
    assert wrong['parts']['span_iou'] is None
    assert (right['row'], right['seed'], right['objects']) == ('it', 0, 2)
    (tmp_path / 'right.json').unlink()
    again = run_tool(RUN, study, *options)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count('done already') == 3


@pytest.fixture
def chained(study, monkeypatch, tmp_path):
    """Have two rows of the study share their first training; return what ran."""
    config = tmp_path / 'config.py'
    config.write_text('model = dict(size=8)\n')
    study.write_text(
        f"ground_truth = '{tmp_path}/gt.json'\n"
        f"one = dict(config='{config}')\n"
        'runs = dict(\n'
        '    first=one,\n'
        "    second=dict(one, loads=dict(load_from='first')),\n"
        "    third=dict(one, loads=dict(load_from='first')),\n"
        ')\n'
        "rows = [dict(name='a', run='second'), dict(name='b', run='third')]\n"
    )
    ran, fails, lock = [], [], threading.Lock()

    def run(command):
        tool, words = Path(command[1]).name, [str(word) for word in command]
        folder = Path(words[words.index('--work-dir') + 1])
        name = folder.name if tool == 'train.py' else folder.parent.name
        with lock:
            ran.append(name)
        if name in fails:
            return 1
        # What it begins with has to be there by now.
        for word in words:
            if word.startswith('load_from='):
                assert Path(word.partition('=')[2]).exists()
        time.sleep(0.05)
        folder.mkdir(parents=True, exist_ok=True)
        if tool == 'train.py':
            (folder / 'epoch_1.pth').touch()
            (folder / 'last_checkpoint').write_text(str(folder / 'epoch_1.pth'))
        else:
            out = words[words.index('--out') + 1]
            shutil.copy(tmp_path / 'right.json', out)
        return 0

    class Process(FinishedProcess):
        def wait(self):
            return run(self.command)

    monkeypatch.setattr(subprocess, 'Popen', Process)
    return ran, fails


def test_rows_side_by_side_share_trainings_and_wait_for_them(
    chained, study, options, run_tool, fails, tmp_path
):
    ran, failing = chained
    failing.append('first')
    fails(RUN, study, *options, '--jobs', 3, says=['train.py', 'failed'])
    assert ran == ['first']
    failing.clear()
    ran.clear()
    result = run_tool(RUN, study, *options, '--jobs', 3)
    assert result.returncode == 0, result.stderr
    assert ran[0] == 'first'
    assert sorted(ran[1:3]) == ['second', 'third']
    assert sorted(ran[3:]) == ['a_seed0', 'b_seed0']
    for name in 'ab':
        path = tmp_path / f'docs/records/tiny/{name}_seed0.json'
        record = json.loads(path.read_text())
        assert (record['metrics']['R@20'], record['jobs']) == (100, 3)


def test_other_scenes_are_tested_again(chained, study, options, run_tool, tmp_path):
    ran, _ = chained
    arguments = [RUN, study, *options, '--rows', 'a']
    assert run_tool(*arguments).returncode == 0
    assert ran == ['first', 'second', 'a_seed0']
    record = tmp_path / 'docs/records/tiny/a_seed0.json'
    predictions = tmp_path / 'work/tiny/a_seed0/predictions.json'

    def ran_again():
        ran.clear()
        record.unlink()
        assert run_tool(*arguments).returncode == 0
        return ran

    assert ran_again() == []
    save_scene_graphs([a_graph('on')], tmp_path / 'gt.json')
    assert ran_again() == ['a_seed0']
    predictions.unlink()
    assert ran_again() == ['a_seed0']
    assert json.loads(record.read_text())['metrics']['R@20'] == 0


def test_a_row_that_fails_does_not_keep_others_from_running(
    chained, study, options, fails, tmp_path
):
    ran, failing = chained
    failing.append('second')
    result = fails(RUN, study, *options, says=['train.py', 'failed'])
    assert ran == ['first', 'second', 'third', 'b_seed0']
    assert (tmp_path / 'docs/records/tiny/b_seed0.json').exists()
    assert not (tmp_path / 'docs/records/tiny/a_seed0.json').exists()
    # It is told when it happens, too.
    assert 'work/tiny/seed0/second: ' in result.stderr


def test_a_damaged_record_is_one_line(study, options, fails, tmp_path):
    path = tmp_path / 'docs/records/tiny/it_seed0.json'
    path.parent.mkdir(parents=True)
    for text in ('{"row": ', '[]'):
        path.write_text(text)
        fails(RUN, study, *options, says=['it_seed0.json', 'expected a record'])


@pytest.mark.parametrize('option', ['--jobs', '--gpus'])
def test_less_than_one_at_a_time_is_refused(study, options, fails, option):
    fails(RUN, study, *options, option, 0, says=[f'{option} is 0', 'at least 1'])


@pytest.fixture
def trained_row(study, options, run_tool, tmp_path):
    """The study with a row that has a config, and its record."""
    config = tmp_path / 'config.py'
    config.write_text('model = dict(size=8)\n')
    text = study.read_text().replace(
        'rows = [\n', f"rows = [\n    dict(name='trained', config='{config}'),\n"
    )
    study.write_text(text)
    assert run_tool(RUN, study, *options, '--rows', 'it').returncode == 0
    folder = tmp_path / 'docs/records/tiny'
    record = json.loads((folder / 'it_seed0.json').read_text())
    recipe = recipe_digest(dict(config=str(config)), {})
    record.update(row='trained', recipe=recipe)
    (folder / 'trained_seed0.json').write_text(json.dumps(record))
    return config


def test_a_record_of_another_recipe_is_not_taken_for_done(
    trained_row, study, options, run_tool, fails
):
    arguments = [study, *options, '--rows', 'trained']
    result = run_tool(RUN, *arguments)
    assert 'trained_seed0.json: done already' in result.stdout
    trained_row.write_text('model = dict(size=9)\n')
    fails(
        RUN, *arguments, says=['trained_seed0.json', 'remove it to run the row again']
    )


def test_a_row_has_its_own_number_of_gpus(
    trained_row, study, options, run_tool, fails, tmp_path
):
    study.write_text(study.read_text().replace("'trained',", "'trained', gpus=2,"))
    arguments = [study, *options, '--rows', 'trained']
    fails(RUN, *arguments, says=['made with gpus 1, expected 2'])
    path = tmp_path / 'docs/records/tiny/trained_seed0.json'
    path.write_text(json.dumps(dict(json.loads(path.read_text()), gpus=2)))
    assert 'done already' in run_tool(RUN, *arguments).stdout
    assert 'done already' in run_tool(RUN, *arguments, '--gpus', 4).stdout


def test_a_row_of_another_recipe_is_marked(
    trained_row, study, options, run_tool, tmp_path
):
    path = tmp_path / 'docs/results.md'
    path.write_text('<!-- study tiny all recall -->\n<!-- end -->\n')
    arguments = ['--page', path, '--records', options[1], '--studies', study.parent]
    assert run_tool(MAKE, *arguments).returncode == 0
    assert '| trained | ' in path.read_text()
    assert 'earlier recipe' not in path.read_text()
    trained_row.write_text('model = dict(size=9)\n')
    assert run_tool(MAKE, *arguments, '--check').returncode == 2
    assert run_tool(MAKE, *arguments).returncode == 0
    assert '| trained \\* | ' in path.read_text()
    assert '\\* made with an earlier recipe' in path.read_text()
    assert run_tool(MAKE, *arguments, '--check').returncode == 0


def test_a_record_of_another_ground_truth_is_not_taken_for_done(
    study, options, run_tool, fails, tmp_path
):
    assert run_tool(RUN, study, *options).returncode == 0
    save_scene_graphs([a_graph('on')], tmp_path / 'gt.json')
    fails(RUN, study, *options, says=['it_seed0.json', 'made with ground truth'])


def test_a_baseline_is_scored_on_the_same_pairs(study, options, run_tool, tmp_path):
    study.write_text(study.read_text() + f"baseline = '{tmp_path}/right.json'\n")
    assert run_tool(RUN, study, *options).returncode == 0
    path = tmp_path / 'docs/records/tiny/other_one_seed0.json'
    parts = json.loads(path.read_text())['parts']
    assert (parts['predicate_accuracy'], parts['predicate_pairs']) == (0, 1)
    assert parts['baseline_predicate_accuracy'] == 100
    page = tmp_path / 'docs/results.md'
    page.write_text('<!-- study tiny all parts -->\n<!-- end -->\n')
    arguments = ['--page', page, '--records', options[1], '--studies', study.parent]
    assert run_tool(MAKE, *arguments).returncode == 0
    row = '| other/one | 100.00 | 100.00 | 100.00 | 0.00 | 100.00 | - | 1 | 2 | 1 |'
    assert "the baseline's on the same pairs" in page.read_text()
    assert row in page.read_text()


def test_what_a_row_is_scored_with_is_read_before_it_is_trained(
    study, options, fails, tmp_path
):
    config = tmp_path / 'none.py'
    config.write_text('model = dict()\n')
    row = f"    dict(name='new', config='{config}'),\n"
    study.write_text(study.read_text().replace('rows = [\n', f'rows = [\n{row}'))
    (tmp_path / 'gt.json').unlink()
    fails(RUN, study, *options, '--rows', 'new', says=['gt.json'])
    assert not (tmp_path / 'work').exists()


def test_unknown_rows_are_refused(study, options, fails):
    fails(RUN, study, *options, '--rows', 'nothing', says=["expected one of 'it'"])


PAGE = """# Results

Before.

<!-- study tiny all recall -->
<!-- end -->

<!-- study tiny all parts -->
stale
<!-- end -->

<!-- study tiny second recall -->
<!-- end -->
After.
"""


@pytest.fixture
def page(study, options, run_tool, tmp_path):
    assert run_tool(RUN, study, *options).returncode == 0
    path = tmp_path / 'docs/results.md'
    path.write_text(PAGE)
    arguments = ['--page', path, '--records', options[1], '--studies', study.parent]
    return path, arguments


def test_tables_are_filled_in_and_the_rest_stays(page, run_tool, fails, tmp_path):
    path, arguments = page
    fails(MAKE, *arguments, '--check', says=['its tables are not those'])
    record = tmp_path / 'docs/records/tiny/it_seed1.json'
    changed = json.loads(record.read_text())
    changed['metrics']['R@20'] = 50.0
    changed.update(steps=150, train_seconds=90)
    record.write_text(json.dumps(changed))
    result = run_tool(MAKE, *arguments)
    assert result.returncode == 0, result.stderr
    text = path.read_text()
    assert text.startswith('# Results\n\nBefore.\n')
    assert text.endswith('<!-- end -->\nAfter.\n')
    assert 'stale' not in text
    first, parts, second = text.split('<!-- end -->')[:3]
    # Mean and standard deviation of 100 and 50.
    assert '75.00 ± 35.36' in first
    assert '| other/one | - | - | - | 0.00 |' in first
    assert '| other/one | 100.00 | 100.00 | 100.00 | 0.00 | - | 1 | 2 | 1 |' in parts
    assert 'the baseline' not in parts
    assert 'it |' not in second
    assert run_tool(MAKE, *arguments, '--check').returncode == 0
    assert run_tool(MAKE, *arguments).returncode == 0
    assert path.read_text() == text


def test_predictions_of_any_program_become_a_row(page, fails, run_tool, tmp_path):
    path, arguments = page
    arguments = [*arguments, '--print', path.parents[1] / 'studies/tiny.py']
    mine = tmp_path / 'mine.json'
    shutil.copy(tmp_path / 'wrong.json', mine)
    result = run_tool(MAKE, *arguments, '--add', f'mine={mine}', f'mine={mine}')
    assert result.returncode == 0, result.stderr
    rows = [row for row in result.stdout.splitlines() if row.startswith('| mine | ')]
    assert rows[0].startswith('| mine | - | - | - | 0.00 ± 0.00 |')
    assert rows[0].endswith('| -100.0 [-100.0, -100.0] | -100.0 [-100.0, -100.0] |')
    # Nothing is written.
    assert path.read_text() == PAGE
    assert not list((tmp_path / 'docs/records/tiny').glob('mine*'))
    for item, says in (
        (mine, 'expected NAME=PREDICTIONS.json'),
        (f'it={mine}', 'has a row of this name'),
        (f'mine={tmp_path}/none.json', 'none.json'),
    ):
        fails(MAKE, *arguments, '--add', item, says=[says])
    fails(MAKE, '--add', f'mine={mine}', says=['--add without --print'])
    save_scene_graphs([a_graph('on')], tmp_path / 'gt.json')
    fails(MAKE, *arguments, '--add', f'mine={mine}', says=['gt.json', "'it' was"])


def test_predictions_need_no_other_rows(study, run_tool, tmp_path):
    added = f'mine={tmp_path}/right.json'
    result = run_tool(MAKE, '--records', tmp_path, '--print', study, '--add', added)
    assert result.returncode == 0, result.stderr
    assert '| mine | - | - | - | 100.00 | 100.00 |' in result.stdout


def test_curves_are_plotted(page, run_tool, fails, tmp_path):
    path, arguments = page
    record = tmp_path / 'docs/records/tiny/it_seed0.json'
    changed = json.loads(record.read_text())
    losses = [[10, 1.0], [20, 0.5]]
    changed['curves'] = {'loss': losses, 'loss_txt': losses, 'R@20': [[20, 3.0]]}
    record.write_text(json.dumps(changed))
    path.write_text('<!-- study tiny all curves -->\n<!-- end -->\n')
    result = run_tool(MAKE, *arguments)
    assert result.returncode == 0, result.stderr
    assert '![Learning curves](records/tiny/all.png)' in path.read_text()
    image = (tmp_path / 'docs/records/tiny/all.png').read_bytes()
    assert image.startswith(b'\x89PNG')
    assert run_tool(MAKE, *arguments, '--check').returncode == 0
    (tmp_path / 'docs/records/tiny/all.png').unlink()
    fails(MAKE, *arguments, '--check', says=['all.png: is not there'])


def test_records_of_different_ground_truths_are_refused(page, fails, tmp_path):
    _, arguments = page
    record = tmp_path / 'docs/records/tiny/it_seed0.json'
    changed = dict(json.loads(record.read_text()), ground_truth='another')
    record.write_text(json.dumps(changed))
    fails(MAKE, *arguments, says=['docs/records/tiny', 'another', 'one and the same'])


@pytest.mark.parametrize(
    ('block', 'says'),
    [
        ('study tiny all', 'expected the name of a study'),
        ('study tiny all nothing', 'recall, parts, paper, stages, masks, unseen'),
        ('study other all recall', 'other.py'),
        ('study tiny most recall', "group 'most'"),
        ('study tiny second curves', 'no record holds learning curves'),
    ],
)
def test_what_cannot_be_filled_in_is_named(page, fails, block, says):
    path, arguments = page
    text = f'<!-- {block} -->\n<!-- end -->\n'
    path.write_text(text)
    fails(MAKE, *arguments, says=[says])
    assert path.read_text() == text


def test_a_block_that_does_not_end_is_refused(page, fails):
    path, arguments = page
    text = PAGE.replace('stale\n<!-- end -->\n', 'stale\n')
    path.write_text(text)
    fails(MAKE, *arguments, says=['3 blocks begin and 2 end'])
    assert path.read_text() == text


@pytest.mark.parametrize('text', ['[]', '{"row": "it"}', '{"row": '])
def test_what_is_no_record_is_refused(page, fails, tmp_path, text):
    _, arguments = page
    (tmp_path / 'docs/records/tiny/it_seed1.json').write_text(text)
    fails(MAKE, *arguments, says=['it_seed1.json', 'expected a record of a run'])


def test_the_pages_agree_with_their_records(repository, run_tool, monkeypatch):
    monkeypatch.chdir(repository)
    result = run_tool(MAKE, '--check')
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        'docs/results.md: agrees with the records',
        'docs/results_first_edition.md: agrees with the records',
    ]


def test_a_test_with_its_own_metrics_is_recorded_and_shown(
    repository, run_tool, tmp_path, monkeypatch
):
    """The test itself is replaced: what it leaves behind is MMEngine's."""
    config = tmp_path / 'config.py'
    config.write_text('model = dict(size=8)\n')
    commands = []

    def run(command, **_):
        commands.append(command)
        folder = Path(command[command.index('--work-dir') + 1]) / '2026'
        folder.mkdir()
        (folder / '2026.json').write_text('{"pointed/box": 77.288, "time": 0.1}')
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, 'run', run)
    out = tmp_path / 'docs/records/foundation/sam2.json'
    result = run_tool(
        'tools/analysis_tools/record_test.py', 'SAM2', config, 'none', '--out', out,
        '--cfg-options', 'model.size=9',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert commands[0][2:4] == [str(config), 'none']
    assert json.loads(out.read_text())['metrics'] == {'pointed/box': 77.29}
    page = tmp_path / 'docs/results.md'
    page.write_text('<!-- tests foundation -->\n<!-- end -->\n')
    arguments = ['--page', page, '--records', tmp_path / 'docs/records']
    assert run_tool(MAKE, *arguments).returncode == 0
    (line,) = [row for row in page.read_text().splitlines() if row.startswith('| SAM2')]
    assert line.endswith('--cfg-options model.size=9` | pointed box 77.29 |')
    config.write_text('model = dict(size=8, more=1)\n')
    assert run_tool(MAKE, *arguments).returncode == 0
    assert '| SAM2 \\* |' in page.read_text()
    assert 'made with an earlier recipe' in page.read_text()
