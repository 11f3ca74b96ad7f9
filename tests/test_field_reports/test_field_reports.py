"""The inputs of reports from the field, each handled as its README says is right.

What has to hold of the report ``NAME`` is ``check_NAME`` of a module beside this one.
"""

import importlib.util
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def _checks():
    """Return the checks of all modules, by the report's name."""
    found = {}
    for path in sorted(_HERE.glob('*.py')):
        if path.name.startswith('test_'):
            continue
        spec = importlib.util.spec_from_file_location(f'report_{path.stem}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, check in vars(module).items():
            if name.startswith('check_'):
                found[name.removeprefix('check_')] = check
    return found


CHECKS = _checks()


@pytest.mark.parametrize('name', sorted(CHECKS))
def test_a_reported_input_is_handled_as_it_should_be(name, fixtures_dir, tmp_path):
    CHECKS[name](fixtures_dir / 'reports' / name, tmp_path)


def test_every_field_report_is_checked(fixtures_dir):
    there = {path.name for path in (fixtures_dir / 'reports').iterdir()}
    assert there == set(CHECKS)
