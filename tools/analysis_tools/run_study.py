"""Train and test every row of a study, and keep a record of each run.

    python tools/analysis_tools/run_study.py configs/studies/tabletop_step1.py

A study is a config with ``ground_truth``, a file of scene graphs that predictions are
scored against, perhaps ``baseline``, predictions whose predicates are scored on the
same pairs, and ``rows``: each has a ``name``, a ``config``, ``seeds``, and perhaps
``options`` (as --cfg-options takes them) and ``checkpoint`` (tested as it is, nothing
is trained; "none" is the untrained model) or ``predictions`` (a file that is only
scored). Where trainings begin with others, the study has ``runs``, name -> ``config``,
``options`` and ``loads`` (option -> name of the run whose checkpoint it is), and a row
has the name of its last ``run`` in place of a config; rows share the runs that they
have in common. A row may have its own number of ``gpus``, whatever --gpus says; without
GPUs its processes share the cores. --jobs runs trainings and tests that do not need
each other side by side. What is done is not done again, and a training that was
stopped goes on. What was made with another recipe (config, options, weights to begin
with), on another number of GPUs or scored against other files is not taken for done: a
line says what to remove. Records are what tools/analysis_tools/make_results.py reads.
"""

import argparse
import dataclasses
import functools
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from mmengine.config import Config

from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.engine.recipe_digest import recipe_digest, row_digest
from mmfourdpsg.engine.side_by_side import run_side_by_side
from mmfourdpsg.engine.training_chain import FINISHED, TrainingChain
from mmfourdpsg.evaluation.functional import evaluate_scene_graphs, part_scores
from mmfourdpsg.structures import load_scene_graphs
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error

TOOLS = Path(__file__).resolve().parents[1]
TOPK = (20, 50, 100)


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


def run(tool: str, gpus: int, jobs: int, *arguments: object) -> None:
    """Run one of the tools.

    Args:
        tool: Its name below ``tools``.
        gpus: How many processes it takes, one a GPU.
        jobs: How many run at a time. Of several each has its part of the cores, and
            what it prints is left to its log.
        *arguments: Its arguments.

    Raises:
        InputError: It failed.
    """
    command = [sys.executable, str(TOOLS / tool), *map(str, arguments)]
    if gpus > 1:
        launcher = ['-m', 'torch.distributed.run', '--standalone']
        launcher += ['--nproc_per_node', str(gpus)]
        command = [sys.executable, *launcher, *command[1:], '--launcher', 'pytorch']
    output = subprocess.DEVNULL if jobs > 1 else None
    environment = dict(os.environ)
    if jobs > 1:
        threads = max((os.cpu_count() or 1) // jobs, 1)
        environment.setdefault('OMP_NUM_THREADS', str(threads))
    done = subprocess.run(command, check=False, stdout=output, env=environment)
    if done.returncode:
        raise InputError(f'{" ".join(command[1:])}: failed, see its message above')


def read_scalars(folder: Path) -> tuple[list[dict], list[dict]]:
    """Read what a run logged, resumed or not.

    Args:
        folder: The run's folder.

    Returns:
        tuple[list[dict], list[dict]]: Rows of the training, by iteration, and rows of
        the validations, by epoch. Of a step that was done twice the later row counts.
    """
    training: dict[int, dict] = {}
    validation: dict[int, dict] = {}
    for path in sorted(folder.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                # A run that was killed may have been writing.
                continue
            part = training if 'loss' in row else validation
            part[row['step']] = row
    return [training[i] for i in sorted(training)], [
        validation[i] for i in sorted(validation)
    ]


def curves(folder: Path) -> dict:
    """Return ``train_seconds``, ``steps`` and ``curves`` (pairs of step and value)."""
    training, validation = read_scalars(folder)
    if not training:
        return {}
    result: dict[str, list] = {}
    seconds, last = 0.0, 0
    for row in training:
        # A row tells the mean of the iterations since the one before.
        seconds += row['time'] * (row['step'] - last)
        last = row['step']
        for key, value in row.items():
            if key.startswith('loss'):
                result.setdefault(key, []).append([last, round(value, 4)])
    an_epoch = last / training[-1]['epoch']  # in steps; validations count epochs
    for row in validation:
        for key, value in row.items():
            if '@' in key:
                points = result.setdefault(key.rpartition('/')[2], [])
                points.append([round(row['step'] * an_epoch), round(value, 2)])
    return dict(train_seconds=round(seconds), steps=last, curves=result)


def score(ground_truth: Path, predictions: Path, baseline: Path | None = None) -> dict:
    """Return ``metrics`` and ``parts``; None where nothing is measured.

    Args:
        ground_truth: Scene graphs to be found.
        predictions: Those that were found.
        baseline: Others, whose predicates are scored on the same pairs.
    """
    wanted = load_scene_graphs(ground_truth)
    found = load_scene_graphs(predictions)
    others = None if baseline is None else load_scene_graphs(baseline)
    metrics = evaluate_scene_graphs(wanted, found, TOPK, 'strict').metrics
    parts = dataclasses.asdict(part_scores(wanted, found, baseline=others))
    return dict(
        metrics={key: _rounded(value) for key, value in metrics.items()},
        parts={key: _rounded(value) for key, value in parts.items()},
        objects=sum(len(graph.objects) for graph in found),
        relations=sum(len(graph.relations) for graph in found),
    )


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)


def train_run(
    gpus: int, jobs: int, config: str, folder: Path, options: list[str]
) -> None:
    """Train a config in a folder, or go on with it."""
    arguments = [config, '--work-dir', folder, '--resume', 'auto']
    run('train.py', gpus, jobs, *arguments, '--cfg-options', *options)


def on_gpus(digest: str, gpus: int) -> str:
    """Return a digest that tells numbers of GPUs, and so batches, from each other."""
    return digest if gpus == 1 else f'{digest} on {gpus}'


def made_with(study: Config, row: dict, gpus: int) -> dict:
    """Return what a record says of how its row was made."""
    recipe = dict(recipe=row_digest(study, row))
    return recipe if 'predictions' in row else dict(recipe, gpus=gpus)


def chain_of(
    study: Config, row: dict, seed: int, folder: Path, gpus: int, jobs: int
) -> tuple[TrainingChain, str]:
    """Return the trainings of a row with one seed, and the name of the last.

    Args:
        study: The study.
        row: One of its rows, with a config or a run.
        seed: Seed of the trainings.
        folder: Where the row's test is kept, and its training if it shares none.
        gpus: How many processes each takes, one a GPU.
        jobs: How many trainings and tests run at a time.
    """
    seeded = [f'randomness.seed={seed}']
    own = dict(config=row.get('config'), options=[*seeded, *row.get('options', ())])
    runs, name, parent = {folder.name: own}, folder.name, folder.parent
    if 'run' in row:
        runs = {
            key: dict(value, options=[*seeded, *value.get('options', ())])
            for key, value in study.runs.items()
        }
        name, parent = row['run'], folder.parent / f'seed{seed}'
    chain = TrainingChain(
        runs,
        parent,
        functools.partial(train_run, gpus, jobs),
        lambda run, loads: on_gpus(recipe_digest(run, loads), gpus),
    )
    return chain, name


def predict_row(
    study: Config, row: dict, seed: int, folder: Path, gpus: int, jobs: int
) -> tuple[str | None, Path, list[Path]]:
    """Train and test one row with one seed, as far as that is not done.

    Args:
        study: The study.
        row: One of its rows.
        seed: Seed of the training.
        folder: Where the row's test is kept, and its training if it shares none.
        gpus: How many processes each takes, one a GPU.
        jobs: How many trainings and tests run at a time.

    Returns:
        tuple: The config, the file of predictions, and the folders of the trainings in
        their order.
    """
    if 'predictions' in row:
        return row.get('config'), Path(row['predictions']), []
    chain, name = chain_of(study, row, seed, folder, gpus, jobs)
    predictions = folder / 'predictions.json'
    folders = [chain.folder / needed for needed in chain.order(name)]
    checkpoint, trained = row.get('checkpoint'), 0.0
    if checkpoint is None:
        checkpoint = chain.checkpoint(name)
        trained = (folders[-1] / FINISHED).stat().st_mtime
    last = chain.runs[name]
    recipe, tested = on_gpus(row_digest(study, row), gpus), folder / 'tested.txt'
    if (
        not tested.exists()
        or tested.read_text().strip() != recipe
        or tested.stat().st_mtime < trained
    ):
        out = ['--out', predictions, '--work-dir', folder / 'test', '--cfg-options']
        tested_with = [last['config'], checkpoint, *out, *last['options']]
        run('test.py', gpus, jobs, *tested_with)
        with atomic_write(tested) as temporary:
            temporary.write_text(f'{recipe}\n')
    return last['config'], predictions, folders


def is_done(path: Path, wanted: dict, files: dict[str, str | None]) -> bool:
    """Return whether a record is there.

    Args:
        path: The record.
        wanted: What it has to say, see :func:`made_with`.
        files: Digests of what it was scored against. None is not there to be compared;
            nor can a record be that is older than this was noted.

    Raises:
        InputError: It was made with something else.
    """
    if not path.exists():
        return False
    record = dict(dict(gpus=1), **json.loads(path.read_text()))
    noted_files = {
        key: value for key, value in files.items() if value and record.get(key)
    }
    for key, expected in {**wanted, **noted_files}.items():
        found = record.get(key)
        if found != expected:
            raise InputError(
                f'{path}: made with {key.replace("_", " ")} {found}, expected '
                f'{expected} (remove it to run the row again)'
            )
    return True


def scored_against(study: Config) -> dict[str, str | None]:
    """Return digests of the files that predictions are scored against."""
    return {
        key: file_digest(Path(study[key]))
        for key in ('ground_truth', 'baseline')
        if study.get(key)
    }


def file_digest(path: Path) -> str | None:
    """Return 12 hexadecimal digits that tell a file from others, None without it."""
    if not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def check_inputs(study: Config, row: dict) -> None:
    """Read what a row will be scored with, before it is trained for hours.

    Raises:
        InputError: Something is missing or cannot be read.
    """
    for path in (study.ground_truth, study.get('baseline'), row.get('predictions')):
        if path is not None:
            load_scene_graphs(path)


def record_run(
    study: Config,
    row: dict,
    seed: int,
    folder: Path,
    gpus: int = 1,
    jobs: int = 1,
) -> dict:
    """Return the record of one row with one seed, made as far as that is not done.

    Steps and seconds are those of all trainings, curves those of the last. Of several
    jobs at a time the seconds are longer than of one.
    """
    config, predictions, folders = predict_row(study, row, seed, folder, gpus, jobs)
    trainings = [part for part in map(curves, folders) if part]
    whole = {
        key: sum(part[key] for part in trainings) for key in ('steps', 'train_seconds')
    }
    return dict(
        row=row['name'],
        config=config,
        seed=seed,
        date=datetime.now(timezone.utc).date().isoformat(),
        **made_with(study, row, gpus),
        jobs=jobs,
        **scored_against(study),
        **(dict(trainings[-1], **whole) if trainings else {}),
        **score(Path(study.ground_truth), predictions, study.get('baseline')),
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
    study = read_config(args.study)
    name = Path(args.study).stem
    names = [row['name'] for row in study.rows]
    for wanted in args.rows or ():
        if wanted not in names:
            raise InputError(
                f'--rows {wanted}: expected one of {", ".join(map(repr, names))}'
            )
    files = scored_against(study)
    tasks: dict[Path, Callable[[], None]] = {}
    needs: dict[Path, set[Path]] = {}

    def train(chain: TrainingChain, run: str) -> None:
        start = time.monotonic()
        chain.checkpoint(run)
        print(f'{chain.folder / run}: {time.monotonic() - start:.0f} s', flush=True)

    def record(path: Path, *row: object) -> None:
        result = record_run(study, *row, args.jobs)
        with atomic_write(path) as temporary:
            temporary.write_text(json.dumps(result, indent=1) + '\n')
        print(f'{path}: R@20 {result["metrics"]["R@20"]}', flush=True)

    for row in study.rows:
        if args.rows and row['name'] not in args.rows:
            continue
        gpus = row.get('gpus', args.gpus)
        wanted = made_with(study, row, gpus)
        for seed in args.seeds or row.get('seeds', [0]):
            slug = re.sub(r'[\s/:]+', '_', row['name'].lower())
            path = Path(args.records) / name / f'{slug}_seed{seed}.json'
            if is_done(path, wanted, files):
                print(f'{path}: done already')
                continue
            check_inputs(study, row)
            folder = Path(args.work_dir) / name / path.stem
            if 'predictions' not in row and row.get('checkpoint') is None:
                chain, last = chain_of(study, row, seed, folder, gpus, args.jobs)
                for run_name in chain.order(last):
                    place = chain.folder / run_name
                    tasks[place] = functools.partial(train, chain, run_name)
                    loads = chain.runs[run_name].get('loads', {}).values()
                    needs[place] = {chain.folder / other for other in loads}
                needs[path] = {chain.folder / last}
            tasks[path] = functools.partial(record, path, row, seed, folder, gpus)
    run_side_by_side(tasks, needs, args.jobs)


if __name__ == '__main__':
    main()
