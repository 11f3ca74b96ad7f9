"""Index of ground-truth relations by their three labels."""

from mmfourdpsg.structures import Relation, SceneGraph

from .label_matcher import LabelMatcher


class LabelIndex:
    """Finds the relations of a video whose three labels match those of a prediction.

    Args:
        graph: The ground truth.
        matcher: When labels match.
    """

    def __init__(self, graph: SceneGraph, matcher: LabelMatcher) -> None:
        self.matcher = matcher
        self._by_labels: dict[tuple[str, str, str], list[int]] = {}
        for index, relation in enumerate(graph.relations):
            labels = relation_labels(graph, relation)
            self._by_labels.setdefault(labels, []).append(index)
        # Distinct labels of subjects, predicates and objects are few.
        self._distinct = [set(column) for column in zip(*self._by_labels, strict=True)]
        self._matches: dict[tuple[int, str], set[str]] = {}
        self._found: dict[tuple[str, str, str], list[int]] = {}

    def find(self, labels: tuple[str, str, str]) -> list[int]:
        """Return indices of relations, in the order of the ground truth.

        Args:
            labels: Predicted subject category, predicate and object category.
        """
        if labels not in self._found and self._by_labels:
            subjects, predicates, objects = map(self._matching, range(3), labels)
            self._found[labels] = sorted(
                index
                for (subject, predicate, other), indices in self._by_labels.items()
                if subject in subjects and predicate in predicates and other in objects
                for index in indices
            )
        return self._found.get(labels, [])

    def _matching(self, role: int, label: str) -> set[str]:
        key = role, label
        if key not in self._matches:
            self._matches[key] = {
                wanted for wanted in self._distinct[role] if self.matcher(label, wanted)
            }
        return self._matches[key]


def relation_labels(graph: SceneGraph, relation: Relation) -> tuple[str, str, str]:
    """Return subject category, predicate and object category of a relation."""
    return (
        graph.object_by_id(relation.subject).category,
        relation.predicate,
        graph.object_by_id(relation.object).category,
    )
