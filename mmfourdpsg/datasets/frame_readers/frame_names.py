"""Numbers, times and order of frames, read from the names of their files."""

import re
import unicodedata
from fractions import Fraction
from pathlib import Path

# Of any script: what else Python calls a digit, as the circled ones, is text.
_NUMBER = re.compile(r'\d+(?:\.\d+)*')
# Digits of the time since 1970 in ms, us and ns -> those after the second's point.
_TIMES = {13: 3, 16: 6, 19: 9}


def frame_text(path: Path) -> str:
    """Return the name without its ending, equal for names that look equal."""
    return unicodedata.normalize('NFC', path.stem).casefold()


def frame_numbers(path: Path) -> tuple[Fraction, ...]:
    """Return the numbers in a file's name, from left to right.

    Digits with one point between them are a decimal number, as the seconds in
    ``1305031102.175304.png``; with more points each part is a number. Whole numbers of
    13, 16 or 19 digits that begin with 1 are times in milli-, micro- or nanoseconds
    since 1970, and count in seconds. Any script's decimal digits count.
    """
    return tuple(part for part in _parts(path) if isinstance(part, Fraction))


def natural_key(path: Path) -> tuple:
    """Return the key that sorts ``frame2`` before ``frame10``, ``.5`` after ``.25``."""
    parts = [(isinstance(part, str), part) for part in _parts(path)]
    return parts, path.name


def _parts(path: Path) -> list[Fraction | str]:
    text = frame_text(path)
    parts: list[Fraction | str] = []
    end = 0
    for match in _NUMBER.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        parts += _values(match[0])
        end = match.end()
    if end < len(text):
        parts.append(text[end:])
    return parts


def _values(digits: str) -> list[Fraction]:
    parts = digits.split('.')
    if len(parts) == 2:
        return [Fraction(digits)]
    values = [Fraction(part) for part in parts]
    if len(digits) in _TIMES and digits.startswith('1'):
        return [values[0] / 10 ** _TIMES[len(digits)]]
    return values
