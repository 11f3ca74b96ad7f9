"""Spans: the frame ranges in which a relation holds.

A span is a sorted list of disjoint, non-adjacent frame ranges ``(start, end)``,
both ends inclusive, in frames of the original video.
"""

from collections.abc import Iterable, Sequence

Span = list[tuple[int, int]]


def merge_ranges(ranges: Iterable[Sequence[int]]) -> Span:
    """Bring frame ranges into a span's normal form.

    Args:
        ranges: Inclusive ``(start, end)`` pairs, in any order, overlapping or not.

    Returns:
        The sorted span in which adjacent and overlapping ranges are merged.

    Raises:
        ValueError: A range ends before it starts or starts before frame 0.
    """
    merged: Span = []
    for start, end in sorted((int(start), int(end)) for start, end in ranges):
        if end < start:
            raise ValueError(f'range [{start}, {end}] ends before it starts')
        if start < 0:
            raise ValueError(f'range [{start}, {end}] starts before frame 0')
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def span_length(span: Span) -> int:
    """Return the number of frames in a span."""
    return sum(end - start + 1 for start, end in span)


def span_frames(span: Span) -> list[int]:
    """Return the frames of a span, ascending."""
    return [frame for start, end in span for frame in range(start, end + 1)]


def span_from_frames(frames: Iterable[int]) -> Span:
    """Return the span that holds exactly the given frames."""
    return merge_ranges((frame, frame) for frame in frames)


def intersect_spans(first: Span, second: Span) -> Span:
    """Return the span of the frames that lie in both spans."""
    result: Span = []
    i = j = 0
    while i < len(first) and j < len(second):
        start = max(first[i][0], second[j][0])
        end = min(first[i][1], second[j][1])
        if start <= end:
            result.append((start, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return result


def clip_span(span: Span, num_frames: int) -> Span:
    """Return the part of a span that lies within ``num_frames`` frames."""
    return intersect_spans(span, [(0, num_frames - 1)]) if num_frames > 0 else []


def span_iou(first: Span, second: Span) -> float:
    """Return the intersection over union of two spans, 0 when both are empty."""
    intersection = span_length(intersect_spans(first, second))
    union = span_length(first) + span_length(second) - intersection
    return intersection / union if union else 0.0


def group_spans(
    spans: Sequence[Span], scores: Sequence[float], least_iou: float
) -> list[int]:
    """Tell which spans are one and which are alternatives.

    The best span begins a group; each following one joins the group whose best span it
    overlaps most, if that is enough, or begins another.

    Args:
        spans: Spans.
        scores: How good each is; the earlier one wins ties.
        least_iou: Least IoU of a span with the best one of its group; 0 makes one
            group of all.

    Returns:
        For each span the index of the best one of its group.
    """
    heads = list(range(len(spans)))
    best: list[int] = []
    for index in sorted(heads, key=lambda i: -scores[i]):
        ious = [span_iou(spans[index], spans[head]) for head in best]
        if ious and max(ious) >= least_iou:
            heads[index] = best[ious.index(max(ious))]
        else:
            best.append(index)
    return heads


def cover_spans(
    spans: Sequence[Span], chances: Sequence[float], least_iou: float
) -> list[tuple[int, float]]:
    """Choose spans by how likely each is to be about the right one.

    The first is the span that those that overlap it enough are most likely together,
    which need not be the likeliest; the next one is so among those that are left, and
    so on.

    Args:
        spans: Spans, one of which is right.
        chances: How likely each is.
        least_iou: Least IoU of spans that are about the same.

    Returns:
        Indices of the chosen spans and how likely they are, the likeliest first.
    """
    near = [[span_iou(one, other) >= least_iou for other in spans] for one in spans]
    left = dict(enumerate(chances))
    chosen = []
    while left:
        totals = {
            index: sum(left[other] for other in left if near[index][other])
            for index in left
        }
        # The likelier one wins ties.
        best = max(totals, key=lambda index: (totals[index], left[index]))
        chosen.append((best, totals[best]))
        left = {i: chance for i, chance in left.items() if not near[best][i]}
    return chosen
