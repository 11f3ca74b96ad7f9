"""One bad input of the suite: what is called, on what, and what has to be said."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _nothing(_folder: Path) -> None:
    """Make no files."""


@dataclass(frozen=True)
class BadInput:
    """A command line on bad input: status 2, one line, nothing written.

    Attributes:
        name: What is wrong, unique in the suite.
        arguments: The tool and its arguments; ``{folder}`` stands for the folder of
            the input, which is new for each case.
        says: What the line has to hold.
        make: Writes the input into the folder, and nothing anywhere else.
        slow: Whether a model is built before the fault can be seen.
    """

    name: str
    arguments: tuple[str, ...]
    says: str
    make: Callable[[Path], None] = _nothing
    slow: bool = False
