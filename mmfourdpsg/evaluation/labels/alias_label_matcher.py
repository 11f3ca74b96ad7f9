"""Label matcher by form and by a table of synonyms."""

import json
from importlib.util import find_spec
from pathlib import Path

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .label_matcher import LabelMatcher

ARTICLES = frozenset(('a', 'an', 'the'))


@TASK_UTILS.register_module()
class AliasLabelMatcher(LabelMatcher):
    """Labels count as equal when their normal forms are.

    The normal form drops articles, splits at spaces, hyphens and underscores, and takes
    every word to its lemma (``simplemma``): "walking on" and "walks on", "dogs" and
    "dog", "tv-monitor" and "tv monitor" become one. Then it is replaced by the first
    label of its line in a table of synonyms.

    Args:
        table: JSON file, a list of lists of labels that mean the same; a label stands
            in one of them at most. None has no synonyms.

    Raises:
        InputError: ``simplemma`` is not installed, or the table is not of this form.
    """

    def __init__(self, table: str | Path | None = None) -> None:
        super().__init__()
        if find_spec('simplemma') is None:
            raise InputError(
                'labels are to be compared by lemma, which needs simplemma; install '
                'mmfourdpsg[openvocab]'
            )
        self.table = None if table is None else Path(table)
        self._forms: dict[str, str] = {}
        self._synonyms: dict[str, str] = {}
        if self.table is not None:
            self._read_table()

    @property
    def description(self) -> str:
        """What results say of how labels were compared, on one line."""
        if self.table is None:
            return 'alias (lemmas)'
        return f'alias (lemmas, {self.table.name})'

    def compare(self, predicted: str, wanted: str) -> bool:
        """Return whether two labels that differ have one normal form."""
        return self.normal_form(predicted) == self.normal_form(wanted)

    def normal_form(self, label: str) -> str:
        """Return what stands for all labels that mean the same."""
        if label not in self._forms:
            form = self._lemmatise(label)
            self._forms[label] = self._synonyms.get(form, form)
        return self._forms[label]

    @staticmethod
    def _lemmatise(label: str) -> str:
        from simplemma import lemmatize

        words = label.lower().replace('-', ' ').replace('_', ' ').split()
        kept = [word for word in words if word not in ARTICLES] or words
        return ' '.join(lemmatize(word, lang='en').lower() for word in kept)

    def _read_table(self) -> None:
        try:
            rows = json.loads(self.table.read_bytes())
        except FileNotFoundError:
            raise InputError(f'{self.table}: no such file') from None
        except ValueError as error:
            raise InputError(
                f'{self.table}: not JSON ({error}), expected a list of lists of labels'
            ) from None
        if not isinstance(rows, list):
            raise InputError(f'{self.table}: expected a list of lists of labels')
        for number, row in enumerate(rows):
            if not (
                isinstance(row, list)
                and row
                and all(isinstance(label, str) and label.strip() for label in row)
            ):
                raise InputError(
                    f'{self.table}: entry {number} is {row!r}, expected a list of '
                    'labels'
                )
            first = self._lemmatise(row[0])
            for label in row:
                form = self._lemmatise(label)
                if self._synonyms.setdefault(form, first) != first:
                    raise InputError(
                        f'{self.table}: {label!r} of entry {number} stands in an '
                        'earlier entry as well, expected it in one'
                    )
