"""Runs the rows of a study, several trainings and tests at a time."""

import functools
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from mmfourdpsg.utils import atomic_write

from .side_by_side import run_side_by_side
from .study_row import StudyRow
from .training_chain import TrainingChain


def run_rows(rows: Mapping[Path, StudyRow], jobs: int) -> None:
    """Make the records of rows. Trainings that they share are done once.

    Args:
        rows: File of the record -> row.
        jobs: How many trainings and tests run at a time.

    Raises:
        InputError: A training or a test failed. It is told at once, and once all rows
            that do not need it are done, this is raised.
    """
    tasks: dict[Path, Callable[[], None]] = {}
    needs: dict[Path, set[Path]] = {}
    for path, row in rows.items():
        for run in row.trainings():
            folder, loads = row.chain.folder, row.chain.runs[run].get('loads', {})
            tasks[folder / run] = functools.partial(_train, row.chain, run)
            needs[folder / run] = {folder / other for other in loads.values()}
            # The run that the row is tested with comes last.
            needs[path] = {folder / run}
        tasks[path] = functools.partial(_record, row, path)
    run_side_by_side(tasks, needs, jobs, _tell)


def _train(chain: TrainingChain, run: str) -> None:
    start = time.monotonic()
    chain.checkpoint(run)
    print(f'{chain.folder / run}: {time.monotonic() - start:.0f} s', flush=True)


def _tell(path: Path, error: BaseException) -> None:
    print(f'{path}: {error}', file=sys.stderr, flush=True)


def _record(row: StudyRow, path: Path) -> None:
    record = row.record()
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')
    print(f'{path}: R@20 {record["metrics"]["R@20"]}', flush=True)
