"""Markdown page whose tables and figures are filled in from records."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError, atomic_write
from mmfourdpsg.visualization.learning_curves import draw_learning_curves

from .records import read_foundation_scores, read_study_records, read_test_records
from .tables import STUDY_TABLES, foundation_table, scores_table, study_table

KINDS = 'study|foundation|tests'
OPENING = rf'<!-- (?:{KINDS})[^>]*? -->\n'
ENDING = '<!-- end -->'
BLOCK = re.compile(
    rf'(<!-- ({KINDS})([^>]*?) -->\n)(?:(?!{OPENING}).)*?({ENDING})', re.DOTALL
)


@dataclass(frozen=True)
class ResultsPage:
    """A page of Markdown and what its blocks are filled with.

    A block begins with one of these lines and ends with ``<!-- end -->``; what stands
    between them is replaced, and the rest of the page stays:

    - ``<!-- study NAME GROUP TABLE -->``: records of a group of rows of a study; TABLE
      is one of :data:`STUDY_TABLES`, such as ``recall``, ``parts`` or ``power`` (one
      line: which differences the recalls can show), or ``curves`` (an image beside the
      records);
    - ``<!-- tests NAME -->``: records of tests with their own metrics;
    - ``<!-- foundation -->``: the scores that foundation weights carry.

    Attributes:
        path: The page.
        records: Folder of the records, which has one for each NAME.
        studies: Folder of the studies.
        weights: Folder of the foundation weights.
    """

    path: Path
    records: Path
    studies: Path
    weights: Path

    def check(self) -> None:
        """Refuse a page that is not what :meth:`write` would make of it.

        Raises:
            InputError: It is not, or a block asks for what there is not.
        """
        text = self._read()
        if self._fill(text, draw=False) != text:
            raise InputError(
                f'{self.path}: its tables are not those of the records, expected what '
                'tools/analysis_tools/make_results.py writes'
            )

    def write(self) -> None:
        """Fill the page and draw its curves.

        Raises:
            InputError: A block does not end, or asks for what there is not; the page
                stays as it is.
        """
        filled = self._fill(self._read(), draw=True)
        with atomic_write(self.path) as temporary:
            temporary.write_text(filled, encoding='utf-8')

    def _read(self) -> str:
        try:
            text = self.path.read_text(encoding='utf-8')
        except OSError as error:
            raise InputError(
                f'{self.path}: cannot be read ({error.strerror})'
            ) from None
        openings, endings = (len(re.findall(mark, text)) for mark in (OPENING, ENDING))
        if openings != endings or openings != len(BLOCK.findall(text)):
            raise InputError(
                f'{self.path}: {openings} blocks begin and {endings} end, expected '
                f'each to end with {ENDING} before the next begins'
            )
        return text

    def _fill(self, text: str, draw: bool) -> str:
        def block(found: re.Match) -> str:
            opening, kind, words, ending = found.groups()
            return f'{opening}{self._block(kind, words.split(), draw)}\n{ending}'

        return BLOCK.sub(block, text)

    def _block(self, kind: str, words: Sequence[str], draw: bool) -> str:
        """Return what belongs into a block."""
        if kind == 'foundation':
            return foundation_table(read_foundation_scores(self.weights))
        if kind == 'tests':
            if len(words) != 1:
                raise InputError(
                    f'{self.path}: "tests {" ".join(words)}", expected the name of a '
                    'folder of records'
                )
            return scores_table(read_test_records(self.records / words[0]))
        if len(words) != 3 or words[2] not in (*STUDY_TABLES, 'curves'):
            raise InputError(
                f'{self.path}: "study {" ".join(words)}", expected the name of a '
                'study, a group of its rows, and one of '
                f'{", ".join((*STUDY_TABLES, "curves"))}'
            )
        name, group, table = words
        study = read_config(self.studies / f'{name}.py')
        if group not in study.groups:
            raise InputError(
                f'{self.path}: group {group!r} of study {name}, expected one of '
                f'{", ".join(study.groups)}'
            )
        folder = self.records / name
        rows = read_study_records(folder, study, study.groups[group])
        if not rows:
            raise InputError(
                f'{folder}: holds no records, expected those of run_study.py'
            )
        if table in STUDY_TABLES:
            return study_table(table, rows)
        return self._curves(folder / f'{group}.png', rows, draw)

    def _curves(
        self, image: Path, rows: Mapping[str, Sequence[Mapping]], draw: bool
    ) -> str:
        """Return the link to learning curves, drawn or there already."""
        if draw:
            figure = draw_learning_curves(
                {
                    name: [row['curves'] for row in records if row.get('curves')]
                    for name, records in rows.items()
                }
            )
            if figure is None:
                raise InputError(f'{image}: no record holds learning curves')
            with atomic_write(image) as temporary:
                figure.savefig(temporary, dpi=80)
        elif not image.is_file():
            raise InputError(f'{image}: is not there, expected learning curves')
        link = Path(os.path.relpath(image, self.path.parent)).as_posix()
        return f'![Learning curves]({link})'
