"""Draw how alike estimated features and gold ones are, run beside run.

python tools/analysis_tools/plot_feature_similarity.py "without step 2=a.json" \
    "with step 2=b.json" --out similarity.png
"""

import argparse
import json
from pathlib import Path

from mmfourdpsg.evaluation.functional import SimilarityDistribution
from mmfourdpsg.utils import (
    InputError,
    atomic_write,
    check_output_file,
    exit_on_input_error,
)
from mmfourdpsg.visualization.similarity_chart import draw_similarity_chart


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        'runs',
        nargs='+',
        metavar='NAME=FILE',
        help='a run and the outfile of its FeatureSimilarityMetric',
    )
    parser.add_argument('--out', required=True, help='the figure (PNG)')
    return parser.parse_args()


def read_run(path: str) -> dict[str, SimilarityDistribution]:
    """Return the distributions of a file.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    try:
        content = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f'{path}: {error}, expected a JSON file') from error
    if not isinstance(content, dict) or not content:
        raise InputError(f'{path}: no kinds of features, expected some')
    try:
        return {
            kind: SimilarityDistribution.from_dict(item)
            for kind, item in content.items()
        }
    except InputError as error:
        raise InputError(f'{path}: {error}') from error


@exit_on_input_error
def main() -> None:
    """Run the tool."""
    args = parse_args()
    check_output_file(args.out)
    runs = {}
    for text in args.runs:
        name, _, path = text.rpartition('=')
        if not name or not path:
            raise InputError(f'{text}: expected NAME=FILE')
        runs[name] = read_run(path)
    with atomic_write(args.out) as path:
        draw_similarity_chart(runs).savefig(path, format='png', dpi=150)
    print(args.out)


if __name__ == '__main__':
    main()
