"""What annotations say of objects, as words."""

from collections.abc import Iterable


def attribute_words(values: Iterable[str | None]) -> tuple[str, ...]:
    """Return attributes lower-cased and stripped, each once, without empty ones.

    Args:
        values: As annotated; None says nothing.
    """
    words = (' '.join((value or '').lower().split()) for value in values)
    return tuple(dict.fromkeys(word for word in words if word))
