"""A config is printed as a run reads it."""

import pytest
from in_process import in_process_runner
from mmengine.config import Config

TOOL = 'tools/misc/print_config.py'
CONFIG = 'configs/4dllm/tabletop/step1.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_what_is_printed_is_the_config_with_all_that_it_inherits(run_tool, tmp_path):
    done = run_tool(TOOL, CONFIG)
    assert done.returncode == 0, done.stderr
    printed = tmp_path / 'printed.py'
    printed.write_text(done.stdout)
    assert '_base_' not in done.stdout
    found = Config.fromfile(printed)
    assert found.to_dict() == Config.fromfile(CONFIG).to_dict()


def test_options_are_applied(run_tool):
    done = run_tool(TOOL, CONFIG, '--cfg-options', 'train_cfg.max_epochs=7', 'new=[1]')
    assert 'max_epochs=7' in done.stdout
    assert 'max_epochs=10' not in done.stdout
    assert 'new = [' in done.stdout


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        (['configs/none.py'], 'configs/none.py: no such config file'),
        (['tests'], 'tests: no such config file'),
        (['README.md'], 'README.md: cannot be read as a config'),
        ([CONFIG, '--cfg-options', 'work_dir.x=1'], 'step1.py: --cfg-options'),
        ([CONFIG, '--cfg-options', 'param_scheduler.5.end=1'], 'step1.py: --cfg-op'),
        ([CONFIG, '--cfg-options', 'model.type.name=1'], 'step1.py: --cfg-options'),
    ],
)
def test_what_cannot_be_printed_is_one_line(fails, arguments, says):
    assert fails(TOOL, *arguments, says=[says]).stdout == ''
