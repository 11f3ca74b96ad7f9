"""Which objects of a video are one thing, by their masks."""

from collections.abc import Sequence

from torch import Tensor


def group_same_objects(
    scores: Sequence[float], overlaps: Tensor, least: Tensor | float
) -> list[int]:
    """Tell which objects are the same thing as a better one.

    The best object stands for itself; each following one is taken for the one of those
    that it overlaps most, if that is enough, or stands for itself, too.

    Args:
        scores: How good each of ``N`` objects is; the earlier one wins ties.
        overlaps: IoU ``[N, N]`` of each two.
        least: Least IoU of what is one thing, for all or for each two ``[N, N]``.

    Returns:
        For each object the one that stands for it, which may be itself.
    """
    heads = list(range(len(scores)))
    is_same = (overlaps >= least).tolist()
    values = overlaps.tolist()
    kept: list[int] = []
    for index in sorted(heads, key=lambda i: -scores[i]):
        same = [i for i in kept if is_same[index][i]]
        if same:
            heads[index] = max(same, key=lambda i: values[index][i])
        else:
            kept.append(index)
    return heads
