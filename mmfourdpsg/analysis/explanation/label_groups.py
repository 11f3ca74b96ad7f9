"""Reader of a file that puts labels into named groups, each counted apart."""

from collections.abc import Iterable

from mmfourdpsg.utils import InputError


def read_label_groups(rows: Iterable[str]) -> dict[str, str]:
    """Return the group of each label that is in one.

    Args:
        rows: As ``NAME=LABEL,LABEL``, a group each.

    Raises:
        InputError: A row is no name with labels, or two groups share a label.
    """
    groups: dict[str, str] = {}
    for row in rows:
        name, _, labels = row.partition('=')
        found = [label.strip() for label in labels.split(',') if label.strip()]
        if not name.strip() or not found:
            raise InputError(f'--group {row}: expected NAME=LABEL,LABEL')
        for label in found:
            if groups.setdefault(label, name.strip()) != name.strip():
                raise InputError(f'--group {row}: {label} is in another group, too')
    return groups
