"""Put the results of several evaluations into one table.

python tools/analysis_tools/compare_metrics.py NAME=METRICS.json [NAME=METRICS.json ...]
"""

import argparse
import json
from pathlib import Path

from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error


def read_metrics(path: str) -> dict[str, float]:
    """Read what ``tools/eval_scene_graphs.py --out`` wrote.

    Raises:
        InputError: The file is missing or holds no recall.
    """
    try:
        metrics = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f'{path}: cannot be read as metrics ({error})') from None
    if not isinstance(metrics, dict) or not any(
        key.startswith('R@') for key in metrics
    ):
        raise InputError(f'{path}: holds no recall, expected keys such as R@20')
    return metrics


def make_table(rows: dict[str, dict[str, float]]) -> str:
    """Return a Markdown table with a row a model and a column a recall, in percent."""
    names = [
        key for key in next(iter(rows.values())) if key.lstrip('m').startswith('R@')
    ]
    lines = ['| | ' + ' | '.join(names) + ' |', '|---' * (len(names) + 1) + '|']
    for row, metrics in rows.items():
        cells = [f'{metrics[name]:.2f}' if name in metrics else '-' for name in names]
        lines.append(f'| {row} | ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


@exit_on_input_error
def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('results', nargs='+', metavar='NAME=METRICS.json')
    parser.add_argument('--out', help='also write the table to this Markdown file')
    args = parser.parse_args()
    rows = {}
    for item in args.results:
        name, mark, path = item.rpartition('=')
        if not mark:
            raise InputError(f'{item!r}: expected NAME=METRICS.json')
        rows[name] = read_metrics(path)
    table = make_table(rows)
    print(table)
    if args.out:
        with atomic_write(args.out) as temporary:
            temporary.write_text(table + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
