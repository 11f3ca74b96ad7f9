"""Text files: UTF-8 whatever the locale, with or without a byte order mark."""

from collections.abc import Container
from pathlib import Path

from .input_error import InputError


def read_text(path: str | Path, expected: str = 'a text file') -> str:
    r"""Return the text of a file, whose lines end in ``\n`` however they are stored.

    Args:
        path: The file.
        expected: What should be there, for the message.

    Raises:
        InputError: The file cannot be read, or is not UTF-8.
    """
    try:
        return Path(path).read_text(encoding='utf-8-sig')
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}), expected {expected}'
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(
            f'{path}: is not UTF-8 (byte {error.start}: {error.reason}), expected '
            f'{expected}'
        ) from None


def read_entries(
    path: str | Path, expected: str, known: Container[str] = ()
) -> list[str]:
    """Return the entries of a list, one a line; empty lines are none.

    Spaces within an entry belong to it. Those around it do where ``known`` has it so,
    else they are taken off.

    Args:
        path: The file.
        expected: What should be there, for the message.
        known: What may be listed.

    Raises:
        InputError: The file cannot be read, or is not UTF-8.
    """
    # Other ends of a line than these, as U+2028, may be part of a name.
    lines = read_text(path, expected).split('\n')
    return [line if line in known else line.strip() for line in lines if line.strip()]
