"""Inputs that users reported, made anew, each handled as it should be.

``make_NAME`` of a module beside this one writes the input of the report ``NAME``,
``check_NAME`` holds what is right.
"""

import importlib.util
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def _functions(prefix):
    """Return the functions of all modules whose names begin so, by the rest."""
    found = {}
    for path in sorted(_HERE.glob('*.py')):
        if path.name.startswith('test_'):
            continue
        spec = importlib.util.spec_from_file_location(f'report_{path.stem}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if name.startswith(prefix):
                found[name.removeprefix(prefix)] = function
    return found


MAKERS, CHECKS = _functions('make_'), _functions('check_')


@pytest.mark.parametrize('name', sorted(CHECKS))
def test_a_reported_input_is_handled_as_it_should_be(name, tmp_path):
    report, work = tmp_path / 'report', tmp_path / 'work'
    report.mkdir()
    work.mkdir()
    MAKERS[name](report)
    CHECKS[name](report, work)


def test_every_reported_input_is_checked():
    assert MAKERS.keys() == CHECKS.keys()
    assert CHECKS
