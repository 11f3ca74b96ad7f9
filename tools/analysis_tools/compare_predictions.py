"""Compare predictions: differences of recall with bootstrap intervals over videos.

python tools/analysis_tools/compare_predictions.py --gt GT.json BASE=base.json
    OURS=seed0.json OURS=seed1.json

Each name is compared with the first one; files of one name are seeds, of which recalls
are averaged. The last line says which differences these videos can show, and how many
it would take to see 2 points. Strict protocol, first 20 predictions of a video.
"""

import argparse

from mmfourdpsg.analysis.results import (
    COMPARED,
    VideoHits,
    paired_difference,
    power_note,
)
from mmfourdpsg.evaluation.functional import evaluate_scene_graphs, hits_by_video
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs
from mmfourdpsg.utils import InputError, exit_on_input_error

K = 20


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--gt', required=True, help='ground truth')
    parser.add_argument('predictions', nargs='+', metavar='NAME=PREDICTIONS.json')
    return parser.parse_args()


def read_hits(gt: str, predictions: list[str]) -> dict[str, VideoHits]:
    """Return the hits of each name.

    Raises:
        InputError: A file cannot be read, or there is but one name.
    """
    truth = load_ground_truth(gt)
    records: dict[str, list[dict]] = {}
    for item in predictions:
        name, mark, path = item.partition('=')
        if not mark:
            raise InputError(f'{item!r}: expected NAME=PREDICTIONS.json')
        result = evaluate_scene_graphs(truth, load_scene_graphs(path), (K,))
        hits = hits_by_video(result.matches, K)
        records.setdefault(name, []).append(dict(row=name, hits=hits))
    if len(records) < 2:
        raise InputError(f'{", ".join(records)}: one name, expected two or more')
    return {name: VideoHits.from_records(rows) for name, rows in records.items()}


@exit_on_input_error
def main() -> None:
    """Compare."""
    args = parse_args()
    rows = read_hits(args.gt, args.predictions)
    (first, reference), *others = rows.items()
    width = max(map(len, rows))
    print(f'{f"against {first}":<{width + 8}}' + ''.join(f'{m:>24}' for m in COMPARED))
    for name, hits in others:
        cells = [str(paired_difference(hits, reference, m)) for m in COMPARED]
        print(f'{name:<{width + 8}}' + ''.join(f'{cell:>24}' for cell in cells))
    print(power_note(rows))


if __name__ == '__main__':
    main()
