"""Train and test every row of a study, and keep a record of each run.

    python tools/analysis_tools/run_study.py configs/studies/tabletop_step1.py

A study is a config with ``ground_truth``, a file of scene graphs that predictions are
scored against, perhaps ``baseline``, predictions whose predicates are scored on the
same pairs, or ``train``, what was trained on, which tells seen labels from unseen
ones, and ``rows``: each has a ``name``, a ``config``, ``seeds``, and perhaps
``options`` (as --cfg-options takes them) and ``checkpoint`` (tested as it is, nothing
is trained; "none" is the untrained model) or ``predictions`` (a file that is only
scored). Where trainings begin with others, the study has ``runs``, name -> ``config``,
``options`` and ``loads`` (option -> name of the run whose checkpoint it is), and a row
has the name of its last ``run`` in place of a config, and perhaps a ``test_config`` to
test it with; rows share the runs that they have in common. A row may have its own
number of ``gpus``, whatever --gpus says; without GPUs its processes share the cores.
--jobs runs trainings and tests that do not need each other side by side. What is done
is not done again, and a training that was stopped goes on. What was made with another
recipe (config, options, weights to begin with), on another number of GPUs or scored
against other files is not taken for done: a line says what to remove. Records are what
tools/analysis_tools/make_results.py reads.
"""

import argparse
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from mmfourdpsg.analysis.studies import ScoredFiles, StudyRow, ToolRunner, run_rows
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError, exit_on_input_error

TOOLS = Path(__file__).resolve().parents[1]


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('study', help='config of the study')
    parser.add_argument(
        '--records', default='docs/results', help='folder for the records'
    )
    parser.add_argument(
        '--work-dir', default='work_dirs/studies', help='folder for the runs'
    )
    parser.add_argument('--rows', nargs='+', help='names of rows; all if left out')
    parser.add_argument(
        '--seeds', nargs='+', type=int, help='seeds of each row; its own if left out'
    )
    parser.add_argument(
        '--gpus', type=int, default=1, help='processes of a training or test, one a GPU'
    )
    parser.add_argument(
        '--jobs',
        type=int,
        default=1,
        help='trainings and tests at a time; of several, only logs tell more',
    )
    return parser.parse_args()


def read_rows(
    args: argparse.Namespace, tools: ToolRunner
) -> Iterator[tuple[Path, StudyRow]]:
    """Yield the rows that a command line asks for, a seed each, and their records.

    Args:
        args: The command line.
        tools: Trains and tests them.

    Raises:
        InputError: The study cannot be read, or has no such row.
    """
    study, name = read_config(args.study), Path(args.study).stem
    # Rows share it, so that large files are checked once.
    files = ScoredFiles(study)
    names = [row['name'] for row in study.rows]
    for wanted in args.rows or ():
        if wanted not in names:
            raise InputError(
                f'--rows {wanted}: expected one of {", ".join(map(repr, names))}'
            )
    for row in study.rows:
        if args.rows and row['name'] not in args.rows:
            continue
        slug = re.sub(r'[\s/:]+', '_', row['name'].lower())
        gpus = row.get('gpus', args.gpus)
        for seed in args.seeds or row.get('seeds', [0]):
            file = Path(name) / f'{slug}_seed{seed}.json'
            folder = Path(args.work_dir) / file.with_suffix('')
            yield (
                Path(args.records) / file,
                StudyRow(study, row, seed, folder, tools, gpus, files),
            )


@exit_on_input_error
def main() -> None:
    """Run what is missing."""
    args = parse_args()
    for option in ('gpus', 'jobs'):
        if getattr(args, option) < 1:
            raise InputError(
                f'--{option} is {getattr(args, option)}, expected at least 1'
            )
    missing = {}
    tools = ToolRunner(TOOLS, args.jobs)
    for record, row in read_rows(args, tools):
        if row.is_done(record):
            print(f'{record}: done already')
            continue
        row.check_inputs()
        missing[record] = row

    def stop(number: int, _: object) -> None:
        """End the trainings, too, when this process is to end."""
        tools.stop()
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        run_rows(missing, args.jobs)
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == '__main__':
    main()
