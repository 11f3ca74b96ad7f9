"""Ground-truth relations by what is said of them."""

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
        self._found: dict[tuple[str, str, str], list[int]] = {}

    def find(self, labels: tuple[str, str, str]) -> list[int]:
        """Return indices of relations, in the order of the ground truth.

        Args:
            labels: Predicted subject category, predicate and object category.
        """
        if labels not in self._found:
            self._found[labels] = sorted(
                index
                for wanted, indices in self._by_labels.items()
                if all(map(self.matcher, labels, wanted))
                for index in indices
            )
        return self._found[labels]


def relation_labels(graph: SceneGraph, relation: Relation) -> tuple[str, str, str]:
    """Return subject category, predicate and object category of a relation."""
    return (
        graph.object_by_id(relation.subject).category,
        relation.predicate,
        graph.object_by_id(relation.object).category,
    )
