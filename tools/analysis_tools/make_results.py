"""Write the figures of docs/results.md and of its appendix from the records of runs.

    python tools/analysis_tools/make_results.py
    python tools/analysis_tools/make_results.py --page docs/results_first_edition.md

The first command fills both pages, the second one the named page alone. A page holds
blocks between ``<!-- study NAME GROUP TABLE -->`` and ``<!-- end -->``; each is
replaced by a table of the records in RECORDS/NAME, which
tools/analysis_tools/run_study.py made, and the rest of the page stays. GROUP is a group
of rows of the study; TABLE is one of ``recall``, ``parts``, ``paper`` (recalls beside
those that the paper prints), ``stages``, ``masks``, ``unseen``, ``frequency``,
``cost``, ``power`` (which differences the recalls can show) and ``curves``. Recalls of
rows are compared with those of the first one, with a 95 % bootstrap interval over
videos, where the records have hits by video. The scores that the foundation weights
carry go into ``<!-- foundation -->``, records of tools/analysis_tools/record_test.py in
RECORDS/NAME into ``<!-- tests NAME -->``. Rows of several seeds show mean and standard
deviation. A row is marked where its records were made with another recipe than there is
now. ``--print STUDY`` prints the tables of one study and writes nothing; with it
``--add 'MY METHOD=PREDICTIONS.json'`` scores predictions of any program and adds a row
of them (docs/benchmark.md).
"""

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from mmfourdpsg.analysis.results import (
    ResultsPage,
    read_study_records,
    score_predictions,
    study_tables,
)
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError, exit_on_input_error

PAGES = (Path('docs/results.md'), Path('docs/results_first_edition.md'))


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--page',
        nargs='+',
        type=Path,
        default=PAGES,
        metavar='PAGE.md',
        help=f'pages to fill (default: {" ".join(map(str, PAGES))})',
    )
    parser.add_argument(
        '--records', type=Path, default='docs/results', help='folder of the records'
    )
    parser.add_argument(
        '--studies', type=Path, default='configs/studies', help='folder of the studies'
    )
    parser.add_argument(
        '--weights',
        type=Path,
        default='checkpoints/tabletop',
        help='folder of the weights',
    )
    parser.add_argument(
        '--print',
        type=Path,
        metavar='STUDY',
        help='print the tables of this study, nothing else',
    )
    parser.add_argument(
        '--add',
        nargs='+',
        default=[],
        metavar='NAME=PREDICTIONS.json',
        help='with --print, also rows of these scene graphs',
    )
    parser.add_argument(
        '--check',
        action='store_true',
        help='write nothing; fail if a table of a page is not what it should be',
    )
    return parser.parse_args()


def print_tables(path: Path, records: Path, added: Sequence[str]) -> None:
    """Print all tables of a study's rows that have records, and of added ones.

    Args:
        path: The study.
        records: Folder of the records.
        added: Rows as ``NAME=PREDICTIONS.json``.

    Raises:
        InputError: There are no rows, or one cannot be added.
    """
    study, folder = read_config(path), records / path.stem
    rows = read_study_records(folder, study, range(len(study.rows)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always', UserWarning)
        rows |= score_predictions(study, rows, added)
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f'warning: {text}', file=sys.stderr)
    if not rows:
        raise InputError(f'{folder}: holds no records of {path}')
    print(study_tables(rows))


@exit_on_input_error
def main() -> None:
    """Fill the pages."""
    args = parse_args()
    if args.add and not args.print:
        raise InputError('--add without --print STUDY, expected both')
    if args.print:
        print_tables(args.print, args.records, args.add)
        return
    for path in args.page:
        page = ResultsPage(path, args.records, args.studies, args.weights)
        if args.check:
            page.check()
            print(f'{path}: agrees with the records')
        else:
            page.write()
            print(f'{path}: written')


if __name__ == '__main__':
    main()
