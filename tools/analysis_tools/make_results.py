"""Write the figures of docs/results.md from the records of runs.

    python tools/analysis_tools/make_results.py

The page holds blocks between ``<!-- study NAME GROUP TABLE -->`` and ``<!-- end -->``;
each is replaced by a table of the records in RECORDS/NAME, which
tools/analysis_tools/run_study.py made, and the rest of the page stays. GROUP is a group
of rows of the study; TABLE is one of ``recall``, ``parts`` and ``curves``. The scores
that the foundation weights carry go into ``<!-- foundation -->``, records of
tools/analysis_tools/record_test.py in RECORDS/NAME into ``<!-- tests NAME -->``. Rows
of several seeds show mean and standard deviation. A row is marked where its records
were made with another recipe than there is now. ``--print STUDY`` prints the tables of
one study and writes nothing.
"""

import argparse
import json
import os
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mmfourdpsg.analysis.studies.recipe_digest import metrics_digest, row_digest
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error
from mmfourdpsg.utils.weight_file import load_facts
from mmfourdpsg.visualization.learning_curves import draw_learning_curves

KINDS = 'study|foundation|tests'
OPENING = rf'<!-- (?:{KINDS})[^>]*? -->\n'
ENDING = '<!-- end -->'
BLOCK = re.compile(
    rf'(<!-- (study|foundation|tests)([^>]*?) -->\n)(?:(?!{OPENING}).)*?({ENDING})',
    re.DOTALL,
)
MARK = ' \\*'
RECALLS = ('R@20', 'mR@20', 'R@50', 'mR@50', 'R@100', 'mR@100')
BASELINE = 'baseline_predicate_accuracy'
PARTS = {
    'object_precision': 'object precision',
    'object_recall': 'object recall',
    'tube_iou': 'tube IoU',
    'predicate_accuracy': 'predicate accuracy',
    BASELINE: "the baseline's on the same pairs",
    'span_iou': 'span IoU',
}
# What the record of a run has at least.
RECORD = ('row', 'metrics', 'parts', 'objects', 'relations')
TEST_RECORD = ('name', 'config', 'options', 'checkpoint', 'recipe', 'metrics')
COUNTS = {
    'predicate_pairs': 'pairs',
    'objects': 'objects',
    'relations': 'relations',
}


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--page', default='docs/results.md', help='page to fill')
    parser.add_argument(
        '--records', default='docs/results', help='folder of the records'
    )
    parser.add_argument(
        '--studies', default='configs/studies', help='folder of the studies'
    )
    parser.add_argument(
        '--weights', default='checkpoints/tabletop', help='folder of the weights'
    )
    parser.add_argument(
        '--print', metavar='STUDY', help='print the tables of this study, nothing else'
    )
    parser.add_argument(
        '--check',
        action='store_true',
        help='write nothing; fail if a table of the page is not what it should be',
    )
    return parser.parse_args()


def read_records(
    folder: Path, study: Mapping, order: list[int]
) -> dict[str, list[dict]]:
    """Read the records of some rows of a study, in the order of these.

    Args:
        folder: Where the records are.
        study: The study.
        order: Places of the rows in the study.

    Returns:
        dict[str, list[dict]]: By row; its name is marked where a record was made with
        another recipe than the study has now.

    Raises:
        InputError: A record cannot be read, or two were scored against different files.
    """
    wanted = [study['rows'][place] for place in order]
    rows: dict[str, list[dict]] = {row['name']: [] for row in wanted}
    for path in sorted(folder.glob('*.json')):
        record = _read_record(path, RECORD)
        if record['row'] in rows:
            rows[record['row']].append(record)
    truths = {
        record['ground_truth']
        for records in rows.values()
        for record in records
        if record.get('ground_truth')
    }
    if len(truths) > 1:
        raise InputError(
            f'{folder}: its records were scored against {", ".join(sorted(truths))}, '
            'expected one and the same ground truth'
        )
    marked = {}
    for row in wanted:
        records = rows[row['name']]
        if records:
            recipe = row_digest(study, row)
            old = any(record.get('recipe') != recipe for record in records)
            marked[row['name'] + MARK * old] = records
    return marked


def _read_record(path: Path, keys: Sequence[str]) -> dict:
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f'{path}: expected a record of a run ({error})') from None
    for key in keys:
        if not isinstance(record, dict) or key not in record:
            raise InputError(f'{path}: expected a record of a run, with {key!r}')
    return record


def note(rows: Mapping[str, list[dict]]) -> str:
    """Return what stands below a table: what the mark means, if a row has it."""
    if not any(name.endswith(MARK) for name in rows):
        return ''
    return (
        f'\n\n{MARK.strip()} made with an earlier recipe or earlier foundation weights'
    )


def spread(values: list[float | None]) -> str:
    """Return a mean, with the standard deviation of several values."""
    known = [value for value in values if value is not None]
    if not known:
        return '-'
    mean = f'{statistics.mean(known):.2f}'
    return mean if len(known) == 1 else f'{mean} ± {statistics.stdev(known):.2f}'


def recall_table(rows: dict[str, list[dict]]) -> str:
    """Return recalls in percent, steps and minutes."""
    lines = [
        f'| | seeds | steps | minutes | {" | ".join(RECALLS)} |',
        '|---' * (4 + len(RECALLS)) + '|',
    ]
    for name, records in rows.items():
        steps = records[0].get('steps')
        seconds = [row['train_seconds'] for row in records if 'train_seconds' in row]
        minutes = f'{statistics.mean(seconds) / 60:.1f}' if seconds else '-'
        cells = [spread([row['metrics'][key] for row in records]) for key in RECALLS]
        number = len(records) if steps else '-'
        lines.append(
            f'| {name} | {number} | {steps or "-"} | {minutes} | {" | ".join(cells)} |'
        )
    return '\n'.join(lines)


def parts_table(rows: dict[str, list[dict]]) -> str:
    """Return scores of the parts in percent, and of how much they are."""
    flat = {
        name: [dict(record, **record['parts']) for record in records]
        for name, records in rows.items()
    }
    # What no record of the table knows of, such as a baseline, has no column.
    known = [
        key
        for key in (*PARTS, *COUNTS)
        if any(key in row for records in flat.values() for row in records)
    ]
    if all(row.get(BASELINE) is None for records in flat.values() for row in records):
        known = [key for key in known if key != BASELINE]
    titles = {**PARTS, **COUNTS}
    lines = [
        f'| | {" | ".join(titles[key] for key in known)} |',
        '|---' * (1 + len(known)) + '|',
    ]
    for name, records in flat.items():
        cells = []
        for key in known:
            values = [row.get(key) for row in records]
            measured = [value for value in values if value is not None]
            if key in PARTS:
                cells.append(spread(values))
            else:
                cells.append(f'{statistics.mean(measured):.0f}' if measured else '-')
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines)


def foundation_table(folder: Path) -> str:
    """Return the scores that foundation weights carry.

    Raises:
        InputError: The folder holds no weights.
    """
    lines = [
        '| weights | epochs of the last stage | scores on unseen scenes |',
        '|---|---|---|',
    ]
    # What learned together has its scores together.
    together: dict[tuple[str, str], list[str]] = {}
    for path in sorted(folder.rglob('*.safetensors')):
        facts = load_facts(path)
        if 'scores' in facts:
            key = facts.get('epochs', '-'), facts['scores']
            together.setdefault(key, []).append(f'`{path.relative_to(folder)}`')
    for (epochs, scores), names in together.items():
        named = named_scores(json.loads(scores))
        lines.append(f'| {", ".join(names)} | {epochs} | {named} |')
    if not together:
        raise InputError(f'{folder}: holds no foundation weights')
    return '\n'.join(lines)


def named_scores(scores: Mapping[str, float]) -> str:
    """Return scores and their names, for a cell."""
    return ', '.join(
        f'{key.replace("/", " ").replace("_", " ")} {value:.2f}'
        for key, value in scores.items()
        if not key.endswith('time')
    )


def tests_table(folder: Path) -> str:
    """Return a line a record of a test, marked where it is of another recipe.

    Raises:
        InputError: The folder holds no records, or one cannot be read.
    """
    lines = ['| what | command | scores |', '|---|---|---|']
    old = False
    for path in sorted(folder.glob('*.json')):
        record = _read_record(path, TEST_RECORD)
        row = {key: record[key] for key in ('config', 'options', 'checkpoint')}
        stale = metrics_digest(row) != record['recipe']
        old |= stale
        options = f' --cfg-options {" ".join(row["options"])}' if row['options'] else ''
        command = f'tools/test.py {row["config"]} {row["checkpoint"]}{options}'
        scores = named_scores(record['metrics'])
        lines.append(f'| {record["name"]}{MARK * stale} | `{command}` | {scores} |')
    if len(lines) == 2:
        raise InputError(
            f'{folder}: holds no records, expected those of record_test.py'
        )
    return '\n'.join(lines) + note({MARK: []} if old else {})


def make_block(kind: str, words: list[str], args: argparse.Namespace) -> str:
    """Return what belongs into a block.

    Raises:
        InputError: It asks for what there is not.
    """
    if kind == 'foundation':
        return foundation_table(Path(args.weights))
    if kind == 'tests':
        if len(words) != 1:
            raise InputError(
                f'{args.page}: "tests {" ".join(words)}", expected the name of a '
                'folder of records'
            )
        return tests_table(Path(args.records) / words[0])
    tables: dict[str, Callable] = dict(recall=recall_table, parts=parts_table)
    if len(words) != 3 or words[2] not in (*tables, 'curves'):
        raise InputError(
            f'{args.page}: "study {" ".join(words)}", expected the name of a study, a '
            'group of its rows, and recall, parts or curves'
        )
    name, group, table = words
    study = read_config(Path(args.studies) / f'{name}.py')
    if group not in study.groups:
        raise InputError(
            f'{args.page}: group {group!r} of study {name}, expected one of '
            f'{", ".join(study.groups)}'
        )
    folder = Path(args.records) / name
    rows = read_records(folder, study, study.groups[group])
    if not rows:
        raise InputError(f'{folder}: holds no records, expected those of run_study.py')
    if table in tables:
        return tables[table](rows) + note(rows)
    picture = folder / f'{group}.png'
    if args.check:
        if not picture.is_file():
            raise InputError(f'{picture}: is not there, expected learning curves')
    else:
        figure = draw_learning_curves(
            {
                name: [row['curves'] for row in records if row.get('curves')]
                for name, records in rows.items()
            }
        )
        if figure is None:
            raise InputError(f'{picture}: no record holds learning curves')
        with atomic_write(picture) as temporary:
            figure.savefig(temporary, dpi=80)
    link = Path(os.path.relpath(picture, Path(args.page).parent)).as_posix()
    return f'![Learning curves]({link})'


def print_tables(path: Path, records: Path) -> None:
    """Print recalls and parts of all rows of a study that have records.

    Raises:
        InputError: There are no records.
    """
    study = read_config(path)
    rows = read_records(records / path.stem, study, list(range(len(study.rows))))
    if not rows:
        raise InputError(f'{records / path.stem}: holds no records of {path}')
    print(recall_table(rows), parts_table(rows) + note(rows), sep='\n\n')


@exit_on_input_error
def main() -> None:
    """Fill the page."""
    args = parse_args()
    if args.print:
        print_tables(Path(args.print), Path(args.records))
        return
    page = Path(args.page)
    try:
        text = page.read_text(encoding='utf-8')
    except OSError as error:
        raise InputError(f'{page}: cannot be read ({error.strerror})') from None
    openings, endings = (len(re.findall(mark, text)) for mark in (OPENING, ENDING))
    if openings != endings or openings != len(BLOCK.findall(text)):
        raise InputError(
            f'{page}: {openings} blocks begin and {endings} end, expected each to end '
            f'with {ENDING} before the next begins'
        )
    filled = BLOCK.sub(
        lambda found: (
            f'{found[1]}{make_block(found[2], found[3].split(), args)}\n' + found[4]
        ),
        text,
    )
    if args.check:
        if filled != text:
            raise InputError(
                f'{page}: its tables are not those of the records, expected what '
                'tools/analysis_tools/make_results.py writes'
            )
        print(f'{page}: agrees with the records')
        return
    with atomic_write(page) as temporary:
        temporary.write_text(filled, encoding='utf-8')
    print(f'{page}: written')


if __name__ == '__main__':
    main()
