"""Recall at K and mean recall at K, and the hits that they count."""

from collections import defaultdict
from collections.abc import Sequence

from .relation_match import RelationMatch


def recall_at_k(matches: Sequence[RelationMatch], k: int) -> float:
    """Return the share of all ground-truth relations that the first K predictions find.

    Micro: over the relations of the whole data set. In percent; nan where there is no
    ground truth.
    """
    found = total = 0
    for match in matches:
        total += len(match.ranks)
        found += sum(rank is not None and rank < k for rank in match.ranks)
    return 100 * found / total if total else float('nan')


def recall_by_predicate(
    matches: Sequence[RelationMatch], k: int
) -> dict[str, tuple[float, int]]:
    """Return predicate -> (recall at K in percent, number in the ground truth)."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for match in matches:
        for relation, rank in zip(match.graph.relations, match.ranks, strict=True):
            counts[relation.predicate][0] += rank is not None and rank < k
            counts[relation.predicate][1] += 1
    return {
        predicate: (100 * found / total, total)
        for predicate, (found, total) in sorted(counts.items())
    }


def mean_recall_at_k(matches: Sequence[RelationMatch], k: int) -> float:
    """Return the mean over predicates that have ground truth, in percent, or nan."""
    recalls = [recall for recall, _ in recall_by_predicate(matches, k).values()]
    return sum(recalls) / len(recalls) if recalls else float('nan')


def hits_by_video(
    matches: Sequence[RelationMatch], k: int
) -> dict[str, dict[str, list[int]]]:
    """Return video -> predicate -> relations that are found, and that there are.

    From these recalls can be counted anew over other videos.
    """
    videos: dict[str, dict[str, list[int]]] = {}
    for match in matches:
        counts = videos.setdefault(match.graph.video_id, {})
        for relation, rank in zip(match.graph.relations, match.ranks, strict=True):
            row = counts.setdefault(relation.predicate, [0, 0])
            row[0] += rank is not None and rank < k
            row[1] += 1
    return videos
