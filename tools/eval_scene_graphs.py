"""Score predicted scene graphs against the ground truth, both in the JSON format.

python tools/eval_scene_graphs.py --gt GT.json --pred PRED.json --protocol strict
"""

import argparse
import json
import math
import sys
import warnings

from mmfourdpsg.evaluation.functional import (
    PROTOCOLS,
    Evaluation,
    PartScores,
    evaluate_scene_graphs,
    part_scores,
    recall_by_predicate,
)
from mmfourdpsg.evaluation.labels import add_label_options, matcher_from_options
from mmfourdpsg.structures import load_scene_graphs
from mmfourdpsg.utils import atomic_write, exit_on_input_error


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--gt', required=True, help='ground truth')
    parser.add_argument('--pred', required=True, help='predictions')
    parser.add_argument(
        '--protocol',
        choices=PROTOCOLS,
        default='strict',
        help='how predictions match the ground truth',
    )
    parser.add_argument(
        '--topk',
        type=int,
        nargs='+',
        default=[20, 50, 100],
        help='numbers of predictions at which recall is cut',
    )
    add_label_options(parser)
    parser.add_argument('--out', help='also write the metrics to this JSON file')
    return parser.parse_args()


def print_tables(result: Evaluation, topk: list[int]) -> None:
    """Print recall by predicate and over all."""
    tables = [recall_by_predicate(result.matches, k) for k in topk]
    rows = [
        (predicate, count, [table[predicate][0] for table in tables])
        for predicate, (_, count) in tables[0].items()
    ]
    total = sum(count for _, count, _ in rows)
    rows.append(('all (R@K)', total, [result.metrics[f'R@{k}'] for k in topk]))
    rows.append(('mean (mR@K)', total, [result.metrics[f'mR@{k}'] for k in topk]))
    width = max(len(name) for name, _, _ in rows)
    head = ''.join(f'{f"@{k}":>9}' for k in topk)
    print(f'{"predicate":<{width}} {"number":>7}{head}')
    for name, count, recalls in rows:
        cells = ''.join(f'{recall:9.2f}' for recall in recalls)
        print(f'{name:<{width}} {count:>7}{cells}')


def print_parts(scores: PartScores) -> None:
    """Print where the predictions lose, part by part."""
    rows = [
        ('objects found, of those predicted', scores.object_precision),
        ('objects found, of the ground truth', scores.object_recall),
        ('tube IoU, given the category', scores.tube_iou),
        ('best predicate right, given both objects', scores.predicate_accuracy),
        ('span IoU, given objects and predicate', scores.span_iou),
    ]
    print('\nparts')
    for name, value in rows:
        print(f'{name:<41} {"-" if math.isnan(value) else f"{value:.2f}":>6}')


@exit_on_input_error
def main() -> None:
    """Score."""
    args = parse_args()
    matcher = matcher_from_options(args)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always', UserWarning)
        ground_truth = load_scene_graphs(args.gt)
        predictions = load_scene_graphs(args.pred)
        result = evaluate_scene_graphs(
            ground_truth, predictions, args.topk, args.protocol, matcher
        )
        parts = part_scores(ground_truth, predictions, labels=matcher)
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f'warning: {text}', file=sys.stderr)
    print_tables(result, args.topk)
    print_parts(parts)
    print(f'\nprotocol: {result.protocol}, labels: {result.labels}')
    if args.out:
        with atomic_write(args.out) as path:
            # JSON has no "not a number", which is what no ground truth gives.
            metrics = {
                key: None if math.isnan(value) else value
                for key, value in result.metrics.items()
            }
            info = dict(protocol=result.protocol, labels=result.labels)
            path.write_text(json.dumps(dict(metrics, info=info), indent=1) + '\n')


if __name__ == '__main__':
    main()
