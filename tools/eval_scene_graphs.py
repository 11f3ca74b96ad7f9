"""Score predicted scene graphs against the ground truth, both in the JSON format.

python tools/eval_scene_graphs.py --gt GT.json --pred PRED.json --protocol strict
"""

import argparse
import json
import math
import sys
import warnings

from mmfourdpsg.evaluation.functional import (
    CONSTRAINTS,
    PROTOCOLS,
    REGIONS,
    SEEN,
    STAGES,
    Evaluation,
    FrequencyGroups,
    LabelCounts,
    PartScores,
    SGDetEvaluation,
    evaluate_scene_graphs,
    evaluate_sgdet,
    group_accuracy,
    group_recall,
    panoptic_quality,
    part_scores,
    recall_by_predicate,
    sgdet_recall_by_predicate,
    stage_recall,
)
from mmfourdpsg.evaluation.labels import add_label_options, matcher_from_options
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_file,
    exit_on_input_error,
)


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--gt', required=True, help='ground truth')
    parser.add_argument('--pred', required=True, help='predictions')
    parser.add_argument(
        '--protocol',
        choices=(*PROTOCOLS, 'sgdet'),
        default='strict',
        help='how predictions match the ground truth; sgdet is that of still images, '
        'and of videos frame by frame',
    )
    parser.add_argument(
        '--region',
        choices=REGIONS,
        default='mask',
        help='with sgdet, what the IoU of objects is of',
    )
    parser.add_argument(
        '--constraint',
        choices=CONSTRAINTS,
        default='pair',
        help='with sgdet, how many predicates a pair may have: one, one of each type '
        'of Action Genome, any number',
    )
    parser.add_argument(
        '--topk',
        type=int,
        nargs='+',
        default=[20, 50, 100],
        help='numbers of predictions at which recall is cut',
    )
    add_label_options(parser)
    parser.add_argument(
        '--stages',
        action='store_true',
        help='also the recall of objects, pairs, triplets and quintuples',
    )
    parser.add_argument(
        '--masks',
        action='store_true',
        help='also video panoptic quality (VPQ) and segmentation and tracking quality '
        '(STQ) of the tubes, whatever their relations',
    )
    parser.add_argument(
        '--train',
        help='ground truth that was trained on: also the recall of labels that it has '
        'and has not, and how many are recognised on matched tubes',
    )
    parser.add_argument(
        '--groups',
        nargs='+',
        metavar='NAME=LEAST',
        help='with --train, other groups of labels by how often it has them, such as '
        'head=100 body=20 tail=0',
    )
    parser.add_argument(
        '--baseline',
        help='other predictions, such as those of frequency_baseline.py: their '
        'predicates are scored on the same pairs',
    )
    parser.add_argument('--out', help='also write the metrics to this JSON file')
    return parser.parse_args()


def print_tables(result: Evaluation | SGDetEvaluation, topk: list[int]) -> None:
    """Print recall by predicate and over all."""
    frames = isinstance(result, SGDetEvaluation)
    by_predicate = sgdet_recall_by_predicate if frames else recall_by_predicate
    tables = [by_predicate(result.matches, k) for k in topk]
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


def read_groups(texts: list[str] | None) -> FrequencyGroups:
    """Return the groups that the command line names.

    Raises:
        InputError: One is not NAME=LEAST, or they do not fit together.
    """
    if texts is None:
        return SEEN
    least = {}
    for text in texts:
        name, _, number = text.partition('=')
        if not name or not number.isdecimal():
            raise InputError(f'--groups {text}: expected NAME=LEAST, such as body=20')
        least[name] = int(number)
    return FrequencyGroups(least)


def print_stages(recalls: dict[int, dict[str, float]]) -> None:
    """Print the recall of every stage at every K."""
    print('\nstages' + ' ' * 6 + ''.join(f'{f"@{k}":>9}' for k in recalls))
    for stage in STAGES:
        cells = ''.join(f'{_cell(row[stage]):>9}' for row in recalls.values())
        print(f'{stage:<12}{cells}')


def print_groups(recalls: dict[int, dict]) -> None:
    """Print the recall of every group at every K."""
    first = next(iter(recalls.values()))
    for kind, groups in first.items():
        print(f'\n{kind:<12}{"number":>7}' + ''.join(f'{f"@{k}":>9}' for k in recalls))
        for name, (_, number) in groups.items():
            cells = ''.join(
                f'{_cell(row[kind][name][0]):>9}' for row in recalls.values()
            )
            print(f'{name:<12}{number:>7}{cells}')


def print_accuracies(accuracies: dict[str, dict[str, tuple[float, int]]]) -> None:
    """Print how much of what is segmented is named right, by groups."""
    print('\nrecognised on matched tubes')
    for kind, groups in accuracies.items():
        for name, (accuracy, number) in groups.items():
            print(f'{f"{name} {kind}":<24}{number:>7}{_cell(accuracy):>9}')


def _cell(value: float) -> str:
    return '-' if math.isnan(value) else f'{value:.2f}'


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
        print(f'{name:<41} {_cell(value):>6}')
    print(f'{"pairs whose predicate is scored":<41} {scores.predicate_pairs:>6}')
    if not math.isnan(scores.baseline_predicate_accuracy):
        value = _cell(scores.baseline_predicate_accuracy)
        print(f'{"  the baseline right on the same":<41} {value:>6}')


def print_masks(scores: dict[str, float]) -> None:
    """Print the quality of the masks alone."""
    print('\nmasks')
    for name, value in scores.items():
        print(f'{name:<12}{_cell(value):>9}')


@exit_on_input_error
def main() -> None:
    """Score."""
    args = parse_args()
    check_output_file(args.out)
    matcher = matcher_from_options(args)
    groups = read_groups(args.groups)
    if args.groups and not args.train:
        raise InputError('--groups without --train, expected both')
    of_frames = args.protocol == 'sgdet'
    if of_frames and (args.stages or args.train or args.baseline):
        raise InputError(
            '--stages, --train and --baseline are of whole videos, not for sgdet'
        )
    parts, stages, by_group, accuracies, masks = None, {}, {}, {}, {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always', UserWarning)
        graphs = load_ground_truth(args.gt), load_scene_graphs(args.pred)
        if of_frames:
            options = dict(region=args.region, constraint=args.constraint)
            result = evaluate_sgdet(*graphs, args.topk, **options, labels=matcher)
        else:
            result = evaluate_scene_graphs(*graphs, args.topk, args.protocol, matcher)
            baseline = load_scene_graphs(args.baseline) if args.baseline else None
            parts = part_scores(*graphs, labels=matcher, baseline=baseline)
        if args.stages:
            stages = {k: stage_recall(*graphs, k, labels=matcher) for k in args.topk}
        if args.masks:
            masks = panoptic_quality(*graphs)
        if args.train:
            counts = LabelCounts.of(load_ground_truth(args.train))
            by_group = {
                k: group_recall(*graphs, counts, groups, k, labels=matcher)
                for k in args.topk
            }
            accuracies = group_accuracy(*graphs, counts, groups, labels=matcher)
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f'warning: {text}', file=sys.stderr)
    print_tables(result, args.topk)
    if parts is not None:
        print_parts(parts)
    if stages:
        print_stages(stages)
    if masks:
        print_masks(masks)
    if by_group:
        print_groups(by_group)
        print_accuracies(accuracies)
    print(f'\nprotocol: {result.protocol}, labels: {result.labels}')
    if args.out:
        with atomic_write(args.out) as path:
            values = dict(result.metrics)
            values |= masks
            for k, row in stages.items():
                values |= {f'{stage} R@{k}': value for stage, value in row.items()}
            for k, row in by_group.items():
                for kind, recalls in row.items():
                    for name, (value, _) in recalls.items():
                        values[f'{name} {kind} R@{k}'] = value
            for kind, row in accuracies.items():
                for name, (value, _) in row.items():
                    values[f'{name} {kind} accuracy'] = value
            # JSON has no "not a number", which is what no ground truth gives.
            metrics = {
                key: None if math.isnan(value) else value
                for key, value in values.items()
            }
            info = dict(protocol=result.protocol, labels=result.labels)
            path.write_text(
                json.dumps(dict(metrics, info=info), indent=1) + '\n', encoding='utf-8'
            )


if __name__ == '__main__':
    main()
