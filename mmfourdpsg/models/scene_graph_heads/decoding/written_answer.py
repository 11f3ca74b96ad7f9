"""An answer as the language model wrote it."""

from dataclasses import dataclass, field

from torch import Tensor

from .decoded_answer import DecodedAnswer


@dataclass
class WrittenAnswer:
    """Tokens of an answer, and what was seen of the model as they were written.

    Attributes:
        ids: Token ids, the end-of-text token last if it was written.
        probabilities: Of each token, before anything constrained or sharpened it.
        is_forced: Of each token whether no other could come.
        states: Last hidden state at each ``[Obj]``, by its place among the tokens.
        decoded: Its text, once it is complete or broken off.
    """

    ids: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)
    is_forced: list[bool] = field(default_factory=list)
    states: dict[int, Tensor] = field(default_factory=dict)
    decoded: DecodedAnswer = field(default_factory=lambda: DecodedAnswer('', []))

    @property
    def num_free(self) -> int:
        """Number of tokens that were not forced."""
        return len(self.ids) - sum(self.is_forced)

    def append(self, token: int, probability: float, is_forced: bool) -> None:
        """Add a token."""
        self.ids.append(token)
        self.probabilities.append(probability)
        self.is_forced.append(is_forced)

    def cut(self, count: int) -> None:
        """Keep the first tokens alone."""
        del self.ids[count:], self.probabilities[count:], self.is_forced[count:]
        self.states = {i: state for i, state in self.states.items() if i < count}
