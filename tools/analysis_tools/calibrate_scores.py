"""Measure how often predictions of a score are right, and calibrate the scores.

python tools/analysis_tools/calibrate_scores.py --gt dev_gt.json --pred dev_pred.json \
    --test-gt test_gt.json --test-pred test_pred.json --plot reliability.png

Several predictions for the same videos, such as those of scores over unforced tokens
and over all tokens, are compared in one plot: ``--pred unforced=a.json all=b.json``.
``--folds 5`` needs no other videos to try the calibration on: those of each fifth are
calibrated by what is fitted on the others.

Predictions have to come from a model whose assembler does not calibrate yet
(``--cfg-options model.assembler.object_calibration=1,0
model.assembler.relation_calibration=1,0``), or ``--undo`` names the config whose
calibration they have. What is found goes into the config: the calibration into
``model.assembler``, the least scores of what is shown into ``visualizer.least_scores``.
"""

import argparse
import math
from collections.abc import Mapping, Sequence

from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.evaluation.functional import (
    ScoredHits,
    cross_calibrate,
    fit_calibration,
    object_hits,
    pair_videos,
    relation_hits,
)
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.visualization.reliability_chart import draw_reliability_chart

KINDS = dict(object=object_hits, relation=relation_hits)
RAW = dict.fromkeys(KINDS, (1.0, 0.0))

Hits = dict[str, list[ScoredHits]]
"""``object`` and ``relation`` -> scores and hits of each part of the videos."""


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    file = dict(nargs='+', metavar='[NAME=]FILE')
    parser.add_argument('--gt', required=True, help='ground truth to calibrate on')
    parser.add_argument('--pred', required=True, help='predictions for it', **file)
    parser.add_argument('--test-gt', help='ground truth of other videos, to try it on')
    parser.add_argument('--test-pred', help='predictions for it', **file)
    parser.add_argument(
        '--folds', type=int, help='parts of the videos that are tried on one another'
    )
    parser.add_argument('--undo', help='config whose calibration the scores have')
    parser.add_argument('--plot', help='reliability of the last-named videos (PNG)')
    return parser.parse_args()


def check_args(args: argparse.Namespace) -> None:
    """Refuse options that do not go together.

    Raises:
        InputError: There are such.
    """
    if (args.test_gt is None) != (args.test_pred is None):
        raise InputError('--test-gt and --test-pred: one alone, expected both')
    if args.folds is not None and (args.folds < 2 or args.test_gt):
        raise InputError(f'--folds {args.folds}: expected at least 2, and no --test-gt')
    names = [list(map(name_of, files)) for files in (args.pred, args.test_pred or ())]
    if args.test_pred and names[0] != names[1]:
        raise InputError(
            f'--test-pred: is of {names[1]}, expected the names of --pred, {names[0]}'
        )
    if len(set(names[0])) < len(names[0]):
        raise InputError(f'--pred: is of {names[0]}, expected distinct names')


def name_of(item: str) -> str:
    """Return the name of ``NAME=FILE``, nothing for a file alone."""
    return item.rpartition('=')[0]


def read_hits(
    ground_truth: str,
    item: str,
    made_with: Mapping[str, Sequence[float]],
    folds: int = 1,
) -> Hits:
    """Return raw scores and hits of objects and relations.

    Args:
        ground_truth: File of the ground truth.
        item: Predictions, as ``NAME=FILE`` or a file alone.
        made_with: Calibration that they have, of either kind.
        folds: Number of parts of the videos.

    Raises:
        InputError: A file cannot be read, or nothing is predicted.
    """
    path = item.rpartition('=')[2]
    pairs = pair_videos(load_ground_truth(ground_truth), load_scene_graphs(path))
    found = {
        kind: [
            hits(pairs[i::folds]).uncalibrated(*made_with[kind]) for i in range(folds)
        ]
        for kind, hits in KINDS.items()
    }
    for kind, parts in found.items():
        if not sum(len(part.scores) for part in parts):
            raise InputError(f'{path}: holds no {kind}, expected some')
    return found


def read_calibration(path: str | None) -> dict[str, Sequence[float]]:
    """Return the calibration of each kind that a config has, or that does nothing.

    Raises:
        InputError: The config cannot be read.
    """
    if path is None:
        return RAW
    assembler = read_config(path).model.get('assembler') or {}
    return {kind: assembler.get(f'{kind}_calibration', RAW[kind]) for kind in RAW}


def calibrate(fitted_on: Hits, tried_on: Hits | None) -> dict[str, dict]:
    """Print the calibration of one file of predictions; return its curves by kind."""
    curves, least = {}, {}
    for kind, parts in fitted_on.items():
        whole = ScoredHits.join(parts)
        slope, offset = fit_calibration(whole)
        exact, f1 = whole.calibrated(slope, offset).best_threshold()
        # Down, or the last row that counts would be hidden.
        least[kind] = math.floor(1000 * exact) / 1000
        tried = whole if tried_on is None else ScoredHits.join(tried_on[kind])
        calibrated = (
            tried.calibrated(slope, offset)
            if len(parts) < 2
            else cross_calibrate(parts)
        )
        curves[kind] = dict(raw=tried, calibrated=calibrated)
        print(f'{kind}_calibration=({slope:.4f}, {offset:.4f}),')
        print(f'  fitted on {len(whole.scores)}, of which {whole.hits.sum()} are right')
        print(f'  least score with the best F1 ({100 * f1:.1f} %): {least[kind]:.3f}')
        for name, row in curves[kind].items():
            print(
                f'  {name} on {len(row.scores)}: calibration error '
                f'{100 * row.calibration_error():.1f} %, AUC {row.auc():.3f}'
            )
    print(
        f'least_scores=dict(objects={least["object"]:.3f}, '
        f'relations={least["relation"]:.3f})'
    )
    return curves


@exit_on_input_error
def main() -> None:
    """Calibrate."""
    args = parse_args()
    check_args(args)
    made_with = read_calibration(args.undo)
    panels: dict[str, dict[str, ScoredHits]] = {f'{kind}s': {} for kind in KINDS}
    for place, item in enumerate(args.pred):
        name = name_of(item)
        fitted_on = read_hits(args.gt, item, made_with, args.folds or 1)
        tried_on = None
        if args.test_gt:
            tried_on = read_hits(args.test_gt, args.test_pred[place], made_with)
        if name:
            print(f'{name}:')
        for kind, curves in calibrate(fitted_on, tried_on).items():
            for curve, found in curves.items():
                panels[f'{kind}s'][f'{name}, {curve}' if name else curve] = found
    if args.plot:
        with atomic_write(args.plot) as path:
            draw_reliability_chart(panels).savefig(path, format='png', dpi=110)


if __name__ == '__main__':
    main()
