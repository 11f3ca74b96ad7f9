"""Rules that derive relations and their spans from the physics.

Each rule is a function of a trajectory that yields ``(subject, predicate, object,
frame)``. Nothing here looks at images except for visibility.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from mmfourdpsg.structures import Span, merge_ranges

from ..trajectory import Trajectory
from .collision import impact, push
from .grasp import grasp
from .neighbourhood import lean, neighbourhood
from .queries import Fact
from .support import falling, support
from .thresholds import RuleThresholds

__all__ = ['RULES', 'RuleThresholds', 'derive_relations']


RULES: tuple[Callable[[Trajectory, RuleThresholds], Iterator[Fact]], ...] = (
    support,
    falling,
    impact,
    push,
    grasp,
    neighbourhood,
    lean,
)


def derive_relations(
    trajectory: Trajectory, thresholds: RuleThresholds | None = None
) -> list[tuple[int, str, int, Span]]:
    """Apply all rules.

    Args:
        trajectory: What the physics did.
        thresholds: When a rule holds.

    Returns:
        ``(subject, predicate, object, span)`` with body indices, sorted by start. A
        relation holds only in frames where both bodies are visible.
    """
    thresholds = thresholds or RuleThresholds()
    frames: dict[tuple[int, str, int], set[int]] = defaultdict(set)
    for rule in RULES:
        for subject, predicate, other, frame in rule(trajectory, thresholds):
            frames[subject, predicate, other].add(frame)
    visible = trajectory.visible_pixels >= thresholds.min_pixels
    relations = []
    for (subject, predicate, other), found in frames.items():
        ranges = merge_ranges((frame, frame) for frame in found)
        shortest = 1 if predicate == 'hitting' else thresholds.min_frames
        span = _smooth(ranges, thresholds.max_pause, shortest)
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


def _smooth(span: Span, max_pause: int, min_frames: int) -> Span:
    bridged: Span = []
    for start, end in span:
        if bridged and start - bridged[-1][1] - 1 <= max_pause:
            bridged[-1] = (bridged[-1][0], end)
        else:
            bridged.append((start, end))
    return [(start, end) for start, end in bridged if end - start + 1 >= min_frames]
