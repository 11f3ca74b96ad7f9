"""Bad inputs over all command lines: one clear line, status 2, nothing half-written."""

import importlib.util
from pathlib import Path

import pytest
from in_process import in_process_runner

_HERE = Path(__file__).parent


def _cases():
    """Return the cases of all areas, each a module beside this one."""
    found = []
    for path in sorted(_HERE.glob('*.py')):
        if path.name.startswith('test_') or path.stem == 'bad_input':
            continue
        spec = importlib.util.spec_from_file_location(f'bad_{path.stem}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found += module.CASES
    return found


CASES = _cases()


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


@pytest.mark.parametrize(
    'case',
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else [])
        for case in CASES
    ],
)
def test_bad_input_gets_one_line_and_leaves_nothing(
    case, repository, monkeypatch, capsys, tmp_path
):
    case.make(tmp_path)
    before = _files(tmp_path)
    run = in_process_runner(repository, monkeypatch, capsys)
    result = run(*(part.format(folder=tmp_path) for part in case.arguments))
    said = result.stderr.strip().splitlines()
    assert result.returncode == 2, result.stdout + result.stderr
    assert 'Traceback' not in result.stdout + result.stderr
    assert said[-1].startswith('error: '), result.stderr
    assert sum(line.startswith('error: ') for line in said) == 1
    assert case.says in said[-1], said[-1]
    assert len(said[-1]) <= 600, said[-1]
    assert _files(tmp_path) == before


def test_bad_inputs_are_distinct():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert len({(case.arguments, case.says) for case in CASES}) >= 0.9 * len(CASES)
