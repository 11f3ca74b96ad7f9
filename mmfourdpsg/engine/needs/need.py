"""Record of one thing that a config needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """Something that a config needs and that is not there.

    Attributes:
        name: Its path or name, as the config has it.
        problem: What is wrong with it.
        source: Where to get it, or the command that makes it; empty where only the
            user knows.
    """

    name: str
    problem: str
    source: str = ''

    def __str__(self) -> str:
        return f'{self.name}: {self.problem}'
