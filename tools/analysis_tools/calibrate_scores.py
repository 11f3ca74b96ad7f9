"""Measure how often predictions of a score are right, and calibrate the scores.

python tools/analysis_tools/calibrate_scores.py --gt dev_gt.json --pred dev_pred.json \
    --test-gt test_gt.json --test-pred test_pred.json --plot reliability.png

Predictions have to come from a model whose assembler does not calibrate yet
(``--cfg-options model.assembler.object_calibration=1,0
model.assembler.relation_calibration=1,0``). What is found goes into the config: the
calibration into ``model.assembler``, the least scores of what is shown into
``visualizer.least_scores``.
"""

import argparse
import math

from mmfourdpsg.evaluation.functional import (
    ScoredHits,
    fit_calibration,
    object_hits,
    pair_videos,
    relation_hits,
)
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.visualization.reliability_chart import draw_reliability_chart

KINDS = dict(object=object_hits, relation=relation_hits)


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--gt', required=True, help='ground truth to calibrate on')
    parser.add_argument('--pred', required=True, help='predictions for it')
    parser.add_argument('--test-gt', help='ground truth of other videos, to try it on')
    parser.add_argument('--test-pred', help='predictions for it')
    parser.add_argument('--plot', help='reliability of the last-named pair (PNG)')
    return parser.parse_args()


def read_hits(ground_truth: str, predictions: str) -> dict[str, ScoredHits]:
    """Return scores and hits of objects and relations.

    Raises:
        InputError: A file cannot be read, or nothing is predicted.
    """
    pairs = pair_videos(load_ground_truth(ground_truth), load_scene_graphs(predictions))
    found = {kind: hits(pairs) for kind, hits in KINDS.items()}
    for kind, row in found.items():
        if not len(row.scores):
            raise InputError(f'{predictions}: holds no {kind}, expected some')
    return found


@exit_on_input_error
def main() -> None:
    """Calibrate."""
    args = parse_args()
    if (args.test_gt is None) != (args.test_pred is None):
        raise InputError('--test-gt and --test-pred: one alone, expected both')
    fitted_on = read_hits(args.gt, args.pred)
    tried_on = read_hits(args.test_gt, args.test_pred) if args.test_gt else fitted_on
    panels, least = {}, {}
    for kind, found in fitted_on.items():
        slope, offset = fit_calibration(found)
        exact, f1 = found.calibrated(slope, offset).best_threshold()
        # Down, or the last row that counts would be hidden.
        least[kind] = math.floor(1000 * exact) / 1000
        curves = dict(
            raw=tried_on[kind], calibrated=tried_on[kind].calibrated(slope, offset)
        )
        panels[f'{kind}s'] = curves
        print(f'{kind}_calibration=({slope:.4f}, {offset:.4f}),')
        print(f'  fitted on {len(found.scores)}, of which {found.hits.sum()} are right')
        print(f'  least score with the best F1 ({100 * f1:.1f} %): {least[kind]:.3f}')
        for name, row in curves.items():
            print(
                f'  {name} on {len(row.scores)}: calibration error '
                f'{100 * row.calibration_error():.1f} %, AUC {row.auc():.3f}'
            )
    print(
        f'least_scores=dict(objects={least["object"]:.3f}, '
        f'relations={least["relation"]:.3f})'
    )
    if args.plot:
        with atomic_write(args.plot) as path:
            draw_reliability_chart(panels).savefig(path, format='png', dpi=110)


if __name__ == '__main__':
    main()
