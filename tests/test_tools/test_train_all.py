import os
import subprocess

import pytest

RUN = 'tools/analysis_tools/run_study.py'
MAKE = 'tools/analysis_tools/make_results.py'


@pytest.mark.parametrize(
    ('arguments', 'study', 'rest'),
    [
        ([], 'configs/studies/psg4d_gta_transfer.py', '--rows 4D-LLM'),
        (['a.py', '--gpus', '8'], 'a.py', '--rows 4D-LLM --gpus 8'),
        (['a.py', '--seeds', '0', '--rows', 'b'], 'a.py', '--seeds 0 --rows b'),
    ],
)
def test_a_study_is_run_and_its_table_printed(
    repository, tmp_path, arguments, study, rest
):
    environment = dict(os.environ, PYTHON='echo', RECORDS=str(tmp_path))
    result = subprocess.run(
        ['bash', str(repository / 'tools/train_all.sh'), *arguments],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        f'{RUN} {study} --records {tmp_path} {rest}',
        f'{MAKE} --records {tmp_path} --print {study}',
    ]


@pytest.mark.parametrize(
    ('arguments', 'name', 'world', 'rest'),
    [
        (['--rows', 'a b'], 'tabletop_baselines', 'tabletop', ' --rows a b'),
        (
            ['configs/studies/tabletop_baselines_tiny.py'],
            'tabletop_baselines_tiny',
            'tabletop_tiny --train 4 --test 2 --unseen 1',
            '',
        ),
    ],
)
def test_the_benchmark_begins_with_its_world_and_makes_it_once(
    repository, tmp_path, arguments, name, world, rest
):
    folders = dict(RECORDS=str(tmp_path), OUT=str(tmp_path / 'graphs'))

    def run(*arguments):
        result = subprocess.run(
            ['bash', str(repository / 'tools/benchmark_all.sh'), *arguments],
            env=dict(os.environ, PYTHON='echo', **folders),
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    study = f'configs/studies/{name}.py'
    tables = [
        f'{RUN} {study} --records {tmp_path}{rest}',
        f'{MAKE} --records {tmp_path} --print {study}',
    ]
    made = run(*arguments)
    assert made[0].strip() == f'tools/make_tabletop.py --out data/{world}'
    assert [line.split()[-1].rpartition('/')[2] for line in made[1:5]] == [
        'train.json', 'val.json', 'unseen.json', 'frequency.json'
    ]  # fmt: skip
    assert made[5:] == tables
    assert run(*arguments) == tables


def test_what_fails_is_not_followed_by_a_table(repository, tmp_path):
    result = subprocess.run(
        ['bash', str(repository / 'tools/train_all.sh')],
        env=dict(os.environ, PYTHON='false'), cwd=tmp_path, check=False,
    )  # fmt: skip
    assert result.returncode == 1
