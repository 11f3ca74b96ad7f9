"""Runs train.py and test.py, in one process each or in several."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from mmfourdpsg.utils import InputError

TEST_LOGS = 'test'
"""Folder beside the predictions of a test."""


class ToolRunner:
    """Starts ``train.py`` and ``test.py``.

    Args:
        folder: Where the tools are.
        jobs: How many of them run at a time. Of several each has its part of the cores,
            and what it prints is left to its log.

    Of each tool ``gpus`` is the number of processes: each has a GPU, or without any its
    part of the cores.
    """

    def __init__(self, folder: Path, jobs: int = 1) -> None:
        self.folder = folder
        self.jobs = jobs
        self._running: set[subprocess.Popen] = set()
        self._is_stopped = False

    def stop(self) -> None:
        """End what runs, and start nothing more."""
        self._is_stopped = True
        for process in list(self._running):
            process.terminate()

    def train(
        self, gpus: int, config: str, folder: Path, options: Sequence[str]
    ) -> None:
        """Train a config in a folder, or go on with it.

        Args:
            gpus: How many processes it takes.
            config: The config.
            folder: Folder of the run.
            options: As --cfg-options takes them.

        Raises:
            InputError: It failed, or there are GPUs, but fewer.
        """
        resumed = ['--work-dir', folder, '--resume', 'auto']
        self._run('train.py', gpus, config, *resumed, '--cfg-options', *options)

    def test(
        self,
        gpus: int,
        config: str,
        checkpoint: str | Path,
        predictions: Path,
        options: Sequence[str],
    ) -> None:
        """Test a checkpoint and keep the predictions.

        Args:
            gpus: How many processes it takes.
            config: The config.
            checkpoint: The checkpoint, or "none".
            predictions: The file for them; logs are kept in a folder beside it.
            options: As --cfg-options takes them.

        Raises:
            InputError: It failed, or there are GPUs, but fewer.
        """
        out = ['--out', predictions, '--work-dir', predictions.parent / TEST_LOGS]
        self._run('test.py', gpus, config, checkpoint, *out, '--cfg-options', *options)

    def _run(self, tool: str, gpus: int, *arguments: object) -> None:
        command = [sys.executable, str(self.folder / tool), *map(str, arguments)]
        there = torch.cuda.device_count()
        if 0 < there < gpus:
            raise InputError(
                f'{" ".join(command[1:])}: has {gpus} processes with a GPU each, and '
                f'there are {there}; expected {gpus}, or none'
            )
        if gpus > 1:
            launcher = ['-m', 'torch.distributed.run', '--standalone']
            launcher += ['--nproc_per_node', str(gpus)]
            command = [sys.executable, *launcher, *command[1:]]
            command += ['--launcher', 'pytorch']
        output = subprocess.DEVNULL if self.jobs > 1 else None
        environment = dict(os.environ)
        if self.jobs > 1:
            threads = max((os.cpu_count() or 1) // (self.jobs * gpus), 1)
            environment.setdefault('OMP_NUM_THREADS', str(threads))
        if self._is_stopped:
            raise InputError(f'{" ".join(command[1:])}: not started, all was stopped')
        with subprocess.Popen(command, stdout=output, env=environment) as process:
            self._running.add(process)
            if self._is_stopped:
                process.terminate()
            try:
                code = process.wait()
            finally:
                process.terminate()
                self._running.remove(process)
        if code:
            raise InputError(f'{" ".join(command[1:])}: failed, see its message above')
