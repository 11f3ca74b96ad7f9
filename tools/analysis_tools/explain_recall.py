"""Count why relations are missed in predicted scene graphs, as a chart and as JSON.

python tools/analysis_tools/explain_recall.py --gt GT.json --pred PRED.json --out DIR
"""

import argparse
import json
import sys
import warnings
from collections import Counter
from pathlib import Path

from mmfourdpsg.evaluation.functional import REASONS, RecallLoss, recall_losses
from mmfourdpsg.evaluation.labels import add_label_options, matcher_from_options
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_folder,
    exit_on_input_error,
)
from mmfourdpsg.visualization.recall_chart import draw_recall_chart


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--gt', required=True, help='ground truth')
    parser.add_argument('--pred', required=True, help='predictions')
    parser.add_argument(
        '--k', type=int, default=20, help='number of predictions that count'
    )
    add_label_options(parser)
    parser.add_argument(
        '--out', required=True, help='folder for recall.png and recall.json'
    )
    return parser.parse_args()


def count(losses: list[RecallLoss]) -> dict[str, Counter]:
    """Return predicate -> reason -> number of relations."""
    counts: dict[str, Counter] = {}
    for loss in losses:
        counts.setdefault(loss.relation.predicate, Counter())[loss.reason] += 1
    return counts


def print_table(total: Counter) -> None:
    """Print how many relations each reason has cost."""
    number = sum(total.values())
    for reason in REASONS:
        share = 100 * total[reason] / number
        print(f'{reason:<33}{total[reason]:>7}{share:>8.1f} %')
    print(f'{"all":<33}{number:>7}')


@exit_on_input_error
def main() -> None:
    """Explain."""
    args = parse_args()
    check_output_folder(args.out, ['recall.json', 'recall.png'])
    if args.k < 1:
        raise InputError(f'--k is {args.k}, expected at least 1')
    matcher = matcher_from_options(args)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always', UserWarning)
        ground_truth = load_ground_truth(args.gt)
        losses = recall_losses(
            ground_truth, load_scene_graphs(args.pred), args.k, labels=matcher
        )
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f'warning: {text}', file=sys.stderr)
    if not losses:
        raise InputError(f'{args.gt}: no relations, expected some to explain')
    graphs = {graph.video_id: graph for graph in ground_truth}
    counts = count(losses)
    total = sum(counts.values(), Counter())
    info = dict(protocol='strict', k=args.k, labels=matcher.description)
    content = dict(
        info=info,
        all={reason: total[reason] for reason in REASONS},
        predicates={
            name: {reason: row[reason] for reason in REASONS if row[reason]}
            for name, row in sorted(counts.items())
        },
        relations=[
            dict(
                video_id=loss.video_id,
                index=loss.index,
                subject=_name(graphs[loss.video_id], loss.relation.subject),
                predicate=loss.relation.predicate,
                object=_name(graphs[loss.video_id], loss.relation.object),
                span=loss.relation.span,
                reason=loss.reason,
                rank=loss.rank,
                failures=loss.failures,
            )
            for loss in losses
        ],
    )
    out = Path(args.out)
    with atomic_write(out / 'recall.json') as path:
        path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')
    title = (
        f'{Path(args.pred).name}: where R@{args.k} is lost '
        f'(strict, labels {matcher.description})'
    )
    with atomic_write(out / 'recall.png') as path:
        draw_recall_chart(counts, REASONS, title).savefig(path, dpi=130, format='png')
    print_table(total)
    print(f'{out / "recall.png"}, {out / "recall.json"}')


def _name(graph, object_id: int) -> str:
    return f'{graph.object_by_id(object_id).category} {object_id}'


if __name__ == '__main__':
    main()
