"""Readers of the records of runs and tests, and of scores in weights' metadata."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import load_metadata

from ..studies.recipe_digest import metrics_digest, row_digest, scoring_digest
from .metric_cells import PRINTED

MARK = ' \\*'
"""Ends the name of what was made or scored in another way than it is now."""

# What the record of a run, and of a test with its own metrics, has at least.
RUN_KEYS = ('row', 'metrics', 'parts', 'objects', 'relations')
TEST_KEYS = ('name', 'config', 'options', 'checkpoint', 'recipe', 'metrics')


def read_study_records(
    folder: Path, study: Mapping, order: Sequence[int]
) -> dict[str, list[dict]]:
    """Read the records of some rows of a study, in the order of these.

    Args:
        folder: Where the records are.
        study: The study.
        order: Places of the rows in the study.

    Returns:
        dict[str, list[dict]]: By row, of rows that have some; its name is marked where
        a record was made with another recipe than the study has now, or tested or
        scored in another way. Records have what the study says that the paper prints
        for their row.

    Raises:
        InputError: A record cannot be read, or two were scored against different files.
    """
    wanted = [study['rows'][place] for place in order]
    rows: dict[str, list[dict]] = {row['name']: [] for row in wanted}
    for path in sorted(folder.glob('*.json')):
        record = _read_record(path, RUN_KEYS)
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
    scoring = scoring_digest(study)
    for row in wanted:
        records = rows[row['name']]
        if records:
            recipe = row_digest(study, row)
            old = any(
                record.get('recipe') != recipe or record.get('scoring') != scoring
                for record in records
            )
            printed = row.get(PRINTED)
            marked[row['name'] + MARK * old] = [
                dict(record, **{PRINTED: printed}) if printed else record
                for record in records
            ]
    return marked


def read_test_records(folder: Path) -> list[dict]:
    """Read the records of tests with their own metrics.

    Returns:
        list[dict]: The records; a name is marked where the test is of another recipe.

    Raises:
        InputError: The folder holds none, or one cannot be read.
    """
    records = []
    for path in sorted(folder.glob('*.json')):
        record = _read_record(path, TEST_KEYS)
        row = {key: record[key] for key in ('config', 'options', 'checkpoint')}
        old = metrics_digest(row) != record['recipe']
        records.append(dict(record, name=record['name'] + MARK * old))
    if not records:
        raise InputError(
            f'{folder}: holds no records, expected those of record_test.py'
        )
    return records


def read_foundation_scores(folder: Path) -> dict[tuple[str, str], list[str]]:
    """Read the scores that foundation weights carry.

    Returns:
        dict[tuple[str, str], list[str]]: Epochs and scores (JSON) -> the files below
        the folder that have them: what learned together has its scores together.

    Raises:
        InputError: The folder holds no weights.
    """
    together: dict[tuple[str, str], list[str]] = {}
    for path in sorted(folder.rglob('*.safetensors')):
        metadata = load_metadata(path)
        if 'scores' in metadata:
            key = metadata.get('epochs', '-'), metadata['scores']
            together.setdefault(key, []).append(str(path.relative_to(folder)))
    if not together:
        raise InputError(f'{folder}: holds no foundation weights')
    return together


def _read_record(path: Path, keys: Sequence[str]) -> dict:
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f'{path}: expected a record of a run ({error})') from None
    for key in keys:
        if not isinstance(record, dict) or key not in record:
            raise InputError(f'{path}: expected a record of a run, with {key!r}')
    return record
