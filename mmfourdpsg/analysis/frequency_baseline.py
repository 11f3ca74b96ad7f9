"""Frequency baseline: predicates guessed from statistics, all else given."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from mmfourdpsg.structures import Relation, SceneGraph

# How many of the two categories each statistic of a pair leaves out, see ``_keys``.
_LEFT_OUT = (0, 1, 1, 2)


class FrequencyBaseline:
    """Guesses the predicate of each pair of objects from training statistics.

    It is given ground-truth tubes and categories and looks at no image. For an
    ordered pair of objects it scores each predicate by how often a training pair of
    these categories has it; the span is the whole video. The frequency baseline of
    scene graphs of images (Zellers et al., Neural Motifs, CVPR 2018), for videos.

    Where a pair of categories never occurred in training, statistics of the subject's
    category stand in; where that is unknown, too, those of the object's category; then
    those of all pairs. Each is discounted by how much less specific it is.

    Args:
        max_relations: Relations that are predicted for a video, the best ones.
        discount: Factor on the score for each category that is left out.
    """

    def __init__(self, max_relations: int = 100, discount: float = 0.1) -> None:
        self.max_relations = max_relations
        self.discount = discount
        self._rates: list[dict[tuple, dict[str, float]]] = [{} for _ in _LEFT_OUT]
        self._known: list[set[tuple]] = [set() for _ in _LEFT_OUT]

    def fit(self, graphs: Iterable[SceneGraph]) -> 'FrequencyBaseline':
        """Count predicates of ordered pairs in training graphs; return itself."""
        pairs: list[Counter] = [Counter() for _ in _LEFT_OUT]
        found: list[dict] = [defaultdict(Counter) for _ in _LEFT_OUT]
        for graph in graphs:
            category = {item.id: item.category for item in graph.objects}
            for subject in category:
                for other in category:
                    if subject != other:
                        for level, key in enumerate(_keys(category, subject, other)):
                            pairs[level][key] += 1
            for relation in graph.relations:
                keys = _keys(category, relation.subject, relation.object)
                for level, key in enumerate(keys):
                    found[level][key][relation.predicate] += 1
        self._rates = [
            {
                key: {name: n / pairs[level][key] for name, n in counts.items()}
                for key, counts in found[level].items()
            }
            for level in range(len(_LEFT_OUT))
        ]
        # A pair that occurred without a relation is known, too.
        self._known = [set(counter) for counter in pairs]
        return self

    def predict(self, graph: SceneGraph) -> SceneGraph:
        """Predict relations among a ground-truth graph's objects.

        Args:
            graph: Its objects are taken, its relations are not looked at.

        Returns:
            The prediction.
        """
        category = {item.id: item.category for item in graph.objects}
        whole = [(0, graph.num_frames - 1)]
        relations = [
            Relation(subject, predicate, other, whole, score)
            for subject in category
            for other in category
            if subject != other
            for predicate, score in self._scores(category, subject, other).items()
        ]
        relations.sort(key=lambda row: -row.score)
        return SceneGraph(
            graph.video_id,
            graph.height,
            graph.width,
            graph.num_frames,
            [replace(item, score=1.0) for item in graph.objects],
            relations[: self.max_relations],
        )

    def _scores(self, category: dict, subject: int, other: int) -> dict[str, float]:
        for level, key in enumerate(_keys(category, subject, other)):
            if key in self._known[level]:
                rates = self._rates[level].get(key, {})
                return {
                    name: min(rate, 1.0) * self.discount ** _LEFT_OUT[level]
                    for name, rate in rates.items()
                }
        return {}


def _keys(category: dict[int, str], subject: int, other: int) -> list[tuple]:
    """Return the statistics that a pair belongs to, the most specific first."""
    names = category[subject], category[other]
    return [names, (names[0], None), (None, names[1]), (None, None)]
