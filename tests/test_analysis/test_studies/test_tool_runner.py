import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from finished_process import FinishedProcess

from mmfourdpsg.analysis.studies import ToolRunner
from mmfourdpsg.utils import InputError


@pytest.fixture
def started(monkeypatch):
    """Commands that were started, their output and their environment."""
    calls = []

    class Process(FinishedProcess):
        def __init__(self, command, stdout, env):
            super().__init__(command)
            calls.append((command, stdout, env))

    monkeypatch.setattr(subprocess, 'Popen', Process)
    monkeypatch.setattr(os, 'cpu_count', lambda: 16)
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    return calls


def test_a_training_goes_on_where_it_stopped(started):
    ToolRunner(Path('tools')).train(1, 'a.py', Path('work'), ['b=1', 'c=2'])
    ((command, output, environment),) = started
    expected = 'tools/train.py a.py --work-dir work --resume auto --cfg-options b=1 c=2'
    assert command == [sys.executable, *expected.split()]
    # Alone it shows what it prints and has all cores.
    assert output is None
    assert 'OMP_NUM_THREADS' not in environment


def test_a_test_keeps_its_predictions(started):
    runner = ToolRunner(Path('tools'), jobs=2)
    runner.test(1, 'a.py', 'none', Path('work/p.json'), ['b=1'])
    ((command, output, environment),) = started
    expected = (
        'tools/test.py a.py none --out work/p.json --work-dir work/test '
        '--cfg-options b=1'
    )
    assert command == [sys.executable, *expected.split()]
    assert output == subprocess.DEVNULL
    assert environment['OMP_NUM_THREADS'] == '8'


def test_several_processes_share_the_cores_of_a_job(started):
    ToolRunner(Path('tools'), jobs=4).train(2, 'a.py', Path('work'), ['b=1'])
    ((command, _, environment),) = started
    launcher = '-m torch.distributed.run --standalone --nproc_per_node 2'
    assert command[1:7] == [*launcher.split(), 'tools/train.py']
    assert command[-4:] == ['--cfg-options', 'b=1', '--launcher', 'pytorch']
    assert environment['OMP_NUM_THREADS'] == '2'


@pytest.mark.parametrize(('there', 'starts'), [(0, True), (1, False), (2, True)])
def test_each_process_has_a_gpu_or_none_has(started, monkeypatch, there, starts):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: there)
    runner = ToolRunner(Path('tools'))
    if starts:
        runner.train(2, 'a.py', Path('work'), ['b=1'])
    else:
        with pytest.raises(InputError, match=r'a\.py .*2 processes .*there are 1'):
            runner.train(2, 'a.py', Path('work'), ['b=1'])
    assert len(started) == starts


def test_a_tool_that_fails_is_named(monkeypatch):
    monkeypatch.setattr(FinishedProcess, 'code', 2)
    monkeypatch.setattr(subprocess, 'Popen', FinishedProcess)
    with pytest.raises(InputError, match=r'tools/train\.py a\.py .*: failed'):
        ToolRunner(Path('tools')).train(1, 'a.py', Path('work'), ['b=1'])


def test_what_runs_can_be_stopped(tmp_path):
    # Touches a file, and would go on for a minute.
    begun = tmp_path / 'begun'
    tool = tmp_path / 'train.py'
    tool.write_text(
        f'import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(60)\n'
    )
    runner, errors = ToolRunner(tmp_path), []

    def train():
        try:
            runner.train(1, 'a.py', tmp_path / 'work', ['b=1'])
        except InputError as error:
            errors.append(str(error))

    thread = threading.Thread(target=train)
    thread.start()
    while not begun.exists():
        assert thread.is_alive()
        time.sleep(0.01)
    runner.stop()
    thread.join(30)
    assert not thread.is_alive()
    begun.unlink()
    train()
    assert not begun.exists()
    assert [error.rpartition(': ')[2] for error in errors] == [
        'failed, see its message above',
        'not started, all was stopped',
    ]
