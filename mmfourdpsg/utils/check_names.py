"""Check of the names that a setting holds."""

from collections.abc import Iterable, Sequence


def check_names(what: str, found: Iterable[str], expected: Sequence[str]) -> None:
    """Refuse names that a setting does not know.

    Args:
        what: Name of the setting, for the message.
        found: What it has been given.
        expected: What it knows.

    Raises:
        ValueError: One of ``found`` is not among ``expected``.
    """
    unknown = sorted(set(found) - set(expected))
    if unknown:
        raise ValueError(f'{what} has {unknown}, expected some of {list(expected)}')
