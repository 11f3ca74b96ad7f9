"""Recall by groups of labels: seen and unseen, frequent and rare."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from ..labels import LabelMatcher
from .evaluate import pair_videos
from .object_matching import match_objects
from .strict_matching import match_strict


@dataclass
class LabelCounts:
    """How often labels occur in training.

    Attributes:
        categories: Category -> number of objects.
        predicates: Predicate -> number of relations.
    """

    categories: Counter
    predicates: Counter

    @classmethod
    def of(cls, graphs: Iterable[SceneGraph]) -> 'LabelCounts':
        """Count the labels of training graphs."""
        counts = cls(Counter(), Counter())
        for graph in graphs:
            counts.categories.update(item.category for item in graph.objects)
            counts.predicates.update(row.predicate for row in graph.relations)
        return counts


@dataclass(frozen=True)
class FrequencyGroups:
    """Puts labels into groups by how often they occur in training.

    The defaults split seen from unseen (paper, Table 7). Head, body and tail (Table 8)
    are ``FrequencyGroups(dict(head=100, body=20, tail=0))``, for instance: the paper
    gives no thresholds.

    Attributes:
        least: Group -> least number of occurrences; a label is in the group with the
            greatest number that it reaches.

    Raises:
        InputError: No group begins at 0, or two at the same number.
    """

    least: Mapping[str, int]

    def __post_init__(self) -> None:
        numbers = sorted(self.least.values())
        if not numbers or numbers[0] != 0 or len(set(numbers)) != len(numbers):
            raise InputError(
                f'groups are {dict(self.least)}, expected distinct numbers from 0 on'
            )

    @classmethod
    def from_text(cls, rows: Iterable[str]) -> 'FrequencyGroups':
        """Return the groups that a command line names, each as ``NAME=LEAST``.

        Raises:
            InputError: One is something else, or they do not fit together.
        """
        least = {}
        for row in rows:
            name, _, number = row.partition('=')
            if not name or not number.isdecimal():
                raise InputError(
                    f'--groups {row}: expected NAME=LEAST, such as body=20'
                )
            least[name] = int(number)
        return cls(least)

    def __call__(self, count: int) -> str:
        """Return the group of a label that occurs so often."""
        reached = [name for name, least in self.least.items() if count >= least]
        return max(reached, key=lambda name: self.least[name])


SEEN = FrequencyGroups({'seen': 1, 'unseen': 0})


def group_recall(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    counts: LabelCounts,
    groups: FrequencyGroups = SEEN,
    k: int = 20,
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> dict[str, dict[str, tuple[float, int]]]:
    """Return the recall of objects and of relations by groups of their labels.

    Objects are found as in :func:`match_objects`, the K with the best scores; relations
    as in the strict protocol, in the group of their predicate.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        counts: How often labels occur in training.
        groups: What that makes of them.
        k: Number of predictions at which recall is cut.
        threshold: Least IoU of tubes, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Returns:
        ``objects`` and ``predicates``, each group -> (recall in percent or nan, number
        in the ground truth).

    Raises:
        InputError: As :func:`evaluate_scene_graphs`.
    """
    tallies = {
        kind: {name: [0, 0] for name in groups.least}
        for kind in ('objects', 'predicates')
    }
    for wanted, given in pair_videos(ground_truth, predictions):
        ranks = match_objects(wanted, given, threshold, labels)
        for object_id, rank in ranks.items():
            category = wanted.object_by_id(object_id).category
            tally = tallies['objects'][groups(counts.categories[category])]
            tally[0] += rank is not None and rank < k
            tally[1] += 1
        match = match_strict(wanted, given, threshold, max_rank=k, labels=labels)
        for row, rank in zip(wanted.relations, match.ranks, strict=True):
            tally = tallies['predicates'][groups(counts.predicates[row.predicate])]
            tally[0] += rank is not None
            tally[1] += 1
    return {
        kind: {
            name: (100 * found / total if total else math.nan, total)
            for name, (found, total) in rows.items()
        }
        for kind, rows in tallies.items()
    }
