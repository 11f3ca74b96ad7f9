"""What tests/run.sh installs, and what it hands to pytest."""

import os
import shutil
import subprocess

import pytest

STUB = '#!/bin/sh\necho "{name} $*" >> "{log}"\n'


@pytest.fixture
def run(repository, tmp_path):
    """Run a copy of the script beside programs that only write down their calls."""
    log = tmp_path / 'calls'
    for name in ('tests', 'tools', 'programs', '.venv/bin'):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(repository / 'tests/run.sh', tmp_path / 'tests')
    (tmp_path / 'tools/install.sh').touch()
    for program in ('bash', 'dirname', 'env', 'sh'):
        (tmp_path / 'programs' / program).symlink_to(shutil.which(program))
    for name in ('programs/apt-get', '.venv/bin/python'):
        (tmp_path / name).write_text(STUB.format(name=name.split('/')[-1], log=log))
        (tmp_path / name).chmod(0o755)
    for name in ('ruff', 'mypy'):
        (tmp_path / '.venv/bin' / name).symlink_to(shutil.which('true'))
    (tmp_path / 'programs/id').write_text('#!/bin/sh\necho 0\n')
    (tmp_path / 'programs/id').chmod(0o755)

    def call(*arguments, **variables):
        environment = {k: v for k, v in os.environ.items() if k != 'CI'}
        environment |= dict(PATH=str(tmp_path / 'programs'), **variables)
        done = subprocess.run(
            ['bash', tmp_path / 'tests/run.sh', *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        calls = log.read_text().splitlines()
        log.unlink()
        return done.stdout, calls

    return call


def test_a_browser_is_installed_only_on_request(run):
    said, calls = run('-k', 'viewer')
    assert '--browser installs them' in said
    assert not any('chromium' in call for call in calls)


@pytest.mark.parametrize(
    ('arguments', 'variables'), [(['--browser'], {}), ([], dict(CI='true'))]
)
def test_a_browser_is_installed_by_flag_or_where_ci_is_set(run, arguments, variables):
    said, calls = run(*arguments, **variables)
    assert 'installing Chromium' in said
    assert any(call.startswith('apt-get install') for call in calls)
    assert '--browser' not in calls[-1]


def test_flags_and_pytest_arguments_come_in_any_order(run):
    _, calls = run('-x', '--all', 'tests/test_a b.py', '--browser')
    assert calls[-1].startswith('python -m pytest')
    assert calls[-1].endswith('-x tests/test_a b.py')
    assert 'not slow' not in calls[-1]
