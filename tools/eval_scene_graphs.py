"""Score predicted scene graphs against the ground truth, both in the JSON format.

python tools/eval_scene_graphs.py --gt GT.json --pred PRED.json --protocol strict
"""

import argparse
import json
import sys
import warnings

from mmfourdpsg.evaluation.functional import (
    CONSTRAINTS,
    PROTOCOLS,
    REGIONS,
    SEEN,
    FrequencyGroups,
)
from mmfourdpsg.evaluation.labels import add_label_options, matcher_from_options
from mmfourdpsg.evaluation.report import score_report
from mmfourdpsg.evaluation.scores import score_scene_graphs
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
        help='how predictions match the ground truth; sgdet is that of images, '
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


@exit_on_input_error
def main() -> None:
    """Score."""
    args = parse_args()
    check_output_file(args.out)
    matcher = matcher_from_options(args)
    groups = SEEN if args.groups is None else FrequencyGroups.from_text(args.groups)
    if args.groups and not args.train:
        raise InputError('--groups without --train, expected both')
    if args.protocol == 'sgdet' and (args.stages or args.train or args.baseline):
        raise InputError(
            '--stages, --train and --baseline are of whole videos, not for sgdet'
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always', UserWarning)
        scores = score_scene_graphs(
            load_ground_truth(args.gt),
            load_scene_graphs(args.pred),
            args.topk,
            args.protocol,
            args.region,
            args.constraint,
            labels=matcher,
            baseline=load_scene_graphs(args.baseline) if args.baseline else None,
            stages=args.stages,
            masks=args.masks,
            train=load_ground_truth(args.train) if args.train else None,
            groups=groups,
        )
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f'warning: {text}', file=sys.stderr)
    print(score_report(scores))
    if args.out:
        with atomic_write(args.out) as path:
            text = json.dumps(scores.to_dict(), indent=1)
            path.write_text(text + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
