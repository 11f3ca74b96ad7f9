"""What a training is refused for before anything is built."""

import pytest
from in_process import in_process_runner

CONFIG = 'configs/4dllm/tabletop/step1.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_a_missing_config_is_one_line(fails):
    fails('tools/train.py', 'configs/none.py', says=['configs/none.py'])


@pytest.mark.parametrize(
    'text',
    [
        'a = b',
        "_base_ = ['./other.py']\na = _base_.typo",
        'a = dict(',
        "custom_imports = dict(imports=['none'], allow_failed_imports=False)",
    ],
)
def test_a_bad_config_is_one_line(fails, tmp_path, text):
    (tmp_path / 'other.py').write_text('c = 1\n')
    path = tmp_path / 'config.py'
    path.write_text(f'{text}\n')
    fails('tools/train.py', path, says=[str(path), 'cannot be read as a config'])


def test_an_empty_pointer_to_the_latest_checkpoint_is_one_line(fails, tmp_path):
    (tmp_path / 'last_checkpoint').write_text('')
    fails(
        'tools/train.py', CONFIG, '--work-dir', tmp_path, '--resume',
        says=['last_checkpoint: is empty', '--resume CHECKPOINT'],
    )  # fmt: skip
