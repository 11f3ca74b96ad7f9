import os
import subprocess
import sys

import pytest


@pytest.fixture(scope='session')
def run_tool(repository):
    """Return a function that runs a Python command line in a process of its own."""

    def run(*args, **kwargs):
        # What a user would see of functions that packages drop is an error here, too.
        warnings = 'ignore,error::FutureWarning'
        environment = dict(os.environ, OMP_NUM_THREADS='1', PYTHONWARNINGS=warnings)
        environment.update(kwargs.pop('env', {}))
        return subprocess.run(
            [sys.executable, *map(str, args)],
            cwd=kwargs.pop('cwd', repository),
            env=environment,
            capture_output=True,
            text=True,
            timeout=kwargs.pop('timeout', 300),
            check=False,
        )

    return run


@pytest.fixture
def fails(run_tool):
    """Return a function that asserts one clear line and exit status 2."""

    def check(*args, says, **kwargs):
        result = run_tool(*args, **kwargs)
        assert result.returncode == 2, result.stdout + result.stderr
        assert 'Traceback' not in result.stdout + result.stderr
        last = result.stderr.strip().splitlines()[-1]
        assert last.startswith('error: '), result.stderr
        for part in says:
            assert str(part) in last, last
        return result

    return check
