"""Check all files of a data set against its annotation, before a long training.

python tools/analysis_tools/check_dataset.py configs/4dllm/tabletop/step1.py

Exit status 0 says that every file was there and could be read, 1 that something is
wrong, 2 that the command itself is.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.datasets import SceneGraphVideoDataset
from mmfourdpsg.datasets.checks import (
    DatasetReport,
    DepthInput,
    VideoCheck,
    VideoChecker,
)
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.registry import DATASETS, MODELS
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_file,
    exit_on_input_error,
)
from mmfourdpsg.utils.dataset_configs import unwrap_datasets


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config of a model or of data sets alone')
    parser.add_argument(
        '--frames', type=int, help='frames of a video to read; all if left out'
    )
    parser.add_argument('--workers', type=int, default=2, help='parallel processes')
    parser.add_argument(
        '--strict',
        action='store_true',
        help='relations with an object and masks with ids that the annotation lacks '
        'are faults',
    )
    parser.add_argument('--out', help='also write everything to this JSON file')
    return parser.parse_args()


def dataset_configs(config: Config) -> Iterator[tuple[str, dict]]:
    """Yield name and config of each data set, without wrappers and repetitions."""
    seen = []
    for part in ('train', 'val', 'test'):
        loader = config.get(f'{part}_dataloader')
        for row in unwrap_datasets(loader['dataset'] if loader else None):
            if row not in seen:
                seen.append(row)
                yield f'{part}: {row["type"]}, split {row.get("split", "train")}', row


def depth_input(config: Config) -> DepthInput | None:
    """Return what counts the input of the model's depth encoder, if it has one.

    Raises:
        InputError: The config's ``depth_to_disparity`` cannot be built.
    """
    model = config.get('model') or {}
    for part in (model.get('scene_encoder'), model.get('frame_encoder'), model):
        if part and part.get('depth_to_disparity'):
            try:
                return DepthInput(MODELS.build(part['depth_to_disparity']))
            except (KeyError, TypeError, ValueError) as error:
                problem = f'{config.filename}: depth_to_disparity: {error}'
                raise InputError(problem) from None
    return None


def unlisted_labels(config: Config, report: DatasetReport) -> list[str]:
    """Return lines about labels that the config's text format does not list.

    A format without a list takes any label.
    """
    head = (config.get('model') or {}).get('scene_graph_head') or {}
    text_format = head.get('text_format') or {}
    lines = []
    for kind in ('categories', 'predicates'):
        listed = text_format.get(kind)
        unlisted = sorted(set(getattr(report, kind)) - set(listed or ()))
        if listed and unlisted:
            lines.append(
                f'  NOT LISTED in text_format.{kind} of the config: '
                f'{", ".join(unlisted[:10])}{" ..." * (len(unlisted) > 10)}'
            )
    return lines


_checker: VideoChecker | None = None


def _check(index: int) -> VideoCheck:
    return _checker(index)


def run_checks(checker: VideoChecker, workers: int) -> Iterator[VideoCheck]:
    """Yield the check of each video, with a line of progress now and then."""
    global _checker
    _checker = checker
    total = len(checker.dataset)
    # Forked processes share the index.
    with get_context('fork').Pool(max(1, workers)) as pool:
        last = time.monotonic()
        for done, check in enumerate(pool.imap(_check, range(total)), start=1):
            if time.monotonic() - last >= 5:
                last = time.monotonic()
                print(f'  {done}/{total} videos', file=sys.stderr, flush=True)
            yield check


@exit_on_input_error
def main() -> None:
    """Check."""
    args = parse_args()
    check_output_file(args.out)
    if args.frames is not None and args.frames < 1:
        raise InputError(f'--frames is {args.frames}, expected 1 or more')
    config = read_config(args.config)
    init_default_scope(config.get('default_scope', 'mmdet'))
    counter = depth_input(config)
    reports = []
    for name, row in dataset_configs(config):
        kind = (
            DATASETS.get(row['type']) if isinstance(row['type'], str) else row['type']
        )
        if not (isinstance(kind, type) and issubclass(kind, SceneGraphVideoDataset)):
            raise InputError(f'{args.config}: {name} is no data set of scene graphs')
        strict = args.strict or row.get('strict', False)
        options = dict(kind.options_to_check, strict=strict)
        dataset = DATASETS.build(dict(row, **options))
        published = dataset.published.get(dataset.split, {})
        checker = VideoChecker(dataset, args.frames, counter)
        checks = run_checks(checker, args.workers)
        reports.append(DatasetReport(name, published, dataset.metainfo, checks))
        lines = [reports[-1].to_text(), *unlisted_labels(config, reports[-1])]
        print(*lines, sep='\n', flush=True)
    if not reports:
        raise InputError(f'{args.config}: has no data set, expected a train_dataloader')
    if args.out:
        with atomic_write(Path(args.out)) as path:
            content = [report.to_json() for report in reports]
            path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')
    sys.exit(0 if all(report.is_good for report in reports) else 1)


if __name__ == '__main__':
    main()
