"""Base class of label matchers."""

from abc import ABC, abstractmethod


class LabelMatcher(ABC):
    """Says whether labels mean the same; answers are kept.

    A label is a category or a predicate, in lower case.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], bool] = {}

    @property
    @abstractmethod
    def description(self) -> str:
        """What results say of how labels were compared, on one line."""

    @abstractmethod
    def compare(self, predicted: str, wanted: str) -> bool:
        """Return whether two labels that differ mean the same."""

    def __call__(self, predicted: str, wanted: str) -> bool:
        """Return whether a predicted label counts as the one of the ground truth."""
        if predicted == wanted:
            return True
        key = (predicted, wanted)
        if key not in self._answers:
            self._answers[key] = self.compare(predicted, wanted)
        return self._answers[key]
