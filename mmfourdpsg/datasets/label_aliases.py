"""Reader of the alias files of Visual Genome."""

from pathlib import Path

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.text_files import read_text


def read_aliases(path: str | Path) -> dict[str, str]:
    """Return alias -> canonical name.

    Args:
        path: Lines ``canonical,alias,alias,...``. Names are lower-cased and stripped.

    Raises:
        InputError: The file cannot be read, or gives an alias two names.
    """
    lines = read_text(path, 'aliases').split('\n')
    aliases: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        canonical, *others = [name.strip().lower() for name in line.split(',')]
        for alias in others:
            if alias and aliases.setdefault(alias, canonical) != canonical:
                raise InputError(
                    f'{path}: line {number}: {alias!r} stands for {canonical!r}, but '
                    f'for {aliases[alias]!r} before'
                )
    return aliases
