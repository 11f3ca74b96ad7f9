"""Rules that derive relations and their spans from the physics.

Each rule is a function of a trajectory that yields facts: that something holds in a
frame, or that nobody could say. Nothing here looks at images except for what is visible
and where.
"""

from collections import defaultdict

from mmfourdpsg.structures import Span, merge_ranges

from ..trajectory import Trajectory
from ..vectors import length
from .clear_neighbourhood import clear_neighbourhood
from .clear_thresholds import ClearThresholds
from .collision import impact, push
from .grasp import grasp
from .neighbourhood import lean, neighbourhood
from .rule_book import RuleBook
from .support import falling, support
from .thresholds import RuleThresholds

__all__ = [
    'CLUTTER_RULES',
    'RULES',
    'ClearThresholds',
    'RuleBook',
    'RuleThresholds',
    'derive_relations',
]

RULES = RuleBook(
    (support, falling, impact, push, grasp, clear_neighbourhood, lean),
    ClearThresholds(),
    events_only=frozenset({'on'}),
    motions=frozenset(
        {'rolling on', 'sliding on', 'pushing', 'pulling', 'carrying', 'lifting'}
    ),
)
"""Rules of the second edition."""

CLUTTER_RULES = RuleBook(
    (support, falling, impact, push, grasp, neighbourhood, lean), RuleThresholds()
)
"""Rules of the first edition."""

Triplet = tuple[int, str, int]


def derive_relations(
    trajectory: Trajectory, book: RuleBook = RULES
) -> list[tuple[int, str, int, Span]]:
    """Apply all rules.

    Frames in which nobody could say whether a relation holds are part of its span only
    between frames in which it plainly does.

    Args:
        trajectory: What the physics did.
        book: The rules.

    Returns:
        ``(subject, predicate, object, span)`` with body indices, sorted by start. A
        relation holds only in frames where both bodies are visible.
    """
    limits = book.thresholds
    frames: dict[Triplet, set[int]] = defaultdict(set)
    doubtful: dict[Triplet, set[int]] = defaultdict(set)
    for rule in book.rules:
        for subject, predicate, other, frame, clear in rule(trajectory, limits):
            found = frames if clear else doubtful
            found[subject, predicate, other].add(frame)
    visible = limits.sees(trajectory.visible_pixels)
    last = trajectory.num_frames - 1
    relations = []
    for (subject, predicate, other), found in frames.items():
        shortest = 1 if predicate == 'hitting' else limits.min_frames
        span = _smooth(
            merge_ranges((frame, frame) for frame in found),
            limits.max_pause,
            shortest,
            doubtful[subject, predicate, other],
        )
        if predicate in book.motions:
            span = [
                run for run in span if limits.travels(_way(trajectory, subject, run))
            ]
        if predicate in book.events_only and _is_all_along(span, last):
            continue
        seen = {
            frame
            for start, end in span
            for frame in range(start, end + 1)
            if visible[frame, subject] and visible[frame, other]
        }
        span = _smooth(merge_ranges((f, f) for f in seen), 0, shortest)
        if span:
            relations.append((subject, predicate, other, span))
    return sorted(relations, key=lambda row: (row[3], row[0], row[2], row[1]))


def _smooth(
    span: Span,
    max_pause: int,
    min_frames: int,
    doubtful: frozenset[int] | set[int] = frozenset(),
) -> Span:
    bridged: Span = []
    for start, end in span:
        pause = range(bridged[-1][1] + 1, start) if bridged else range(0)
        if bridged and (len(pause) <= max_pause or doubtful.issuperset(pause)):
            bridged[-1] = (bridged[-1][0], end)
        else:
            bridged.append((start, end))
    return [(start, end) for start, end in bridged if end - start + 1 >= min_frames]


def _is_all_along(span: Span, last: int) -> bool:
    # A frame or two at either end are no event that anybody sees.
    return len(span) == 1 and span[0][0] <= 2 and span[0][1] >= last - 2


def _way(trajectory: Trajectory, body: int, run: tuple[int, int]) -> float:
    """Return how far in metres a body gets from before a run's first frame on."""
    start, end = max(run[0] - 1, 0), run[1]
    way = trajectory.position[end, body] - trajectory.position[start, body]
    return length(way)
