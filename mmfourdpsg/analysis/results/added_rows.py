"""Rows of a table that are predictions of any program."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfourdpsg.utils import InputError

from ..studies.scored_files import ScoredFiles
from .records import MARK


def score_predictions(
    study: Mapping, rows: Mapping[str, Sequence[Mapping]], added: Sequence[str]
) -> dict[str, list[dict]]:
    """Score predictions as the rows of a study are.

    Args:
        study: The study; has what :class:`ScoredFiles` reads.
        rows: Name -> records of the rows that there are.
        added: What is scored, as ``NAME=PREDICTIONS.json``; files of one name are
            seeds.

    Returns:
        dict[str, list[dict]]: Name -> records of the rows that are added.

    Raises:
        InputError: A name is missing or taken, a file cannot be read, or the other
            rows were scored against other graphs than there are now.
    """
    files = ScoredFiles(study)
    if added:
        files.check()
        _check_truth(files, rows)
    taken = {name.removesuffix(MARK) for name in rows}
    scored: dict[str, list[dict]] = {}
    for item in added:
        name, mark, path = item.partition('=')
        if not mark or not name:
            raise InputError(f'--add {item}: expected NAME=PREDICTIONS.json')
        if name in taken:
            raise InputError(f'--add {item}: the study has a row of this name')
        record = dict(row=name, **files.digests(), **files.score(Path(path)))
        scored.setdefault(name, []).append(record)
    return scored


def _check_truth(files: ScoredFiles, rows: Mapping[str, Sequence[Mapping]]) -> None:
    for key, digest in files.digests().items():
        for name, records in rows.items():
            found = records[0].get(key)
            if found and found != digest:
                raise InputError(
                    f'{files.paths[key]}: has the digest {digest}, expected {found}, '
                    f'with which {name!r} was scored: make the data anew as the study '
                    'says'
                )
