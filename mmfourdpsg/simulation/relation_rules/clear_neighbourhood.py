"""Rule of where resting things plainly are to one another, in the image."""

from collections.abc import Iterator

import numpy as np

from ..trajectory import Trajectory
from ..vocabulary import STUFF_CATEGORIES
from .clear_thresholds import ClearThresholds
from .queries import Fact, carried_by, held_bodies, is_object


def clear_neighbourhood(
    trajectory: Trajectory, limits: ClearThresholds
) -> Iterator[Fact]:
    """``next to``, ``to the left of`` and ``in front of``, of resting things.

    A pair is judged once for all frames in which both rest on the same stuff without a
    break, so that it begins and ends with a motion, never where a distance passes a
    threshold. It is a neighbourhood if it plainly is in each of these frames. The left
    or nearer one is the subject.
    """
    visible = limits.sees(trajectory.visible_pixels)
    grounds = [
        _grounds(trajectory, frame, visible[frame], limits)
        for frame in range(trajectory.num_frames)
    ]
    for first in range(trajectory.num_bodies):
        for second in range(first):
            together = [
                first in ground and second in ground and ground[first] == ground[second]
                for ground in grounds
            ]
            for start, end in _runs(together):
                if end - start + 1 < limits.rest_frames:
                    continue
                frames = range(start, end + 1)
                facts = {_judge(trajectory, f, first, second, limits) for f in frames}
                fact = facts.pop()
                if fact and not facts:
                    for frame in frames:
                        yield Fact(*fact, frame)


def _grounds(
    trajectory: Trajectory, frame: int, visible: np.ndarray, limits: ClearThresholds
) -> dict[int, int]:
    """Return resting, visible thing -> the stuff that it rests on."""
    held = held_bodies(trajectory, frame)
    return {
        body: ground
        for body in range(trajectory.num_bodies)
        if is_object(trajectory, body)
        and body not in held
        and visible[body]
        and limits.moves(trajectory.speed(frame, body)) is False
        for ground in range(trajectory.num_bodies)
        if trajectory.categories[ground] in STUFF_CATEGORIES
        and carried_by(trajectory, frame, body, ground, limits)
    }


def _runs(holds: list[bool]) -> list[tuple[int, int]]:
    """Return first and last index of each run of True."""
    edges = np.flatnonzero(np.diff([0, *holds, 0]))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _judge(
    trajectory: Trajectory, frame: int, first: int, second: int, limits: ClearThresholds
) -> tuple[int, str, int] | None:
    """Return what the pair plainly is in one frame, or None."""
    box, depth = trajectory.image_box[frame], trajectory.depth[frame]
    left, right = sorted((first, second), key=lambda body: box[body, 0] + box[body, 2])
    widths = box[[left, right], 2] - box[[left, right], 0]
    gap = box[right, 0] - box[left, 2]
    if abs(depth[left] - depth[right]) <= limits.same_depth:
        share = gap / widths.mean()
        if abs(share) <= limits.touching:
            return left, 'next to', right
        is_apart = limits.apart[0] <= share <= limits.apart[1]
        if is_apart and not _is_between(trajectory, frame, left, right):
            return left, 'to the left of', right
    near, far = sorted((first, second), key=lambda body: depth[body])
    overlap = min(box[near, 2], box[far, 2]) - max(box[near, 0], box[far, 0])
    behind = depth[far] - depth[near]
    if (
        overlap >= limits.overlap * widths.min()
        and limits.behind[0] <= behind <= limits.behind[1]
        # What hides the lower edge of another also stands lower in the image.
        and box[near, 3] > box[far, 3]
    ):
        return near, 'in front of', far
    return None


def _is_between(trajectory: Trajectory, frame: int, left: int, right: int) -> bool:
    box = trajectory.image_box[frame]
    low, high = box[left, 2], box[right, 0]
    return any(
        body not in (left, right)
        and is_object(trajectory, body)
        and trajectory.visible_pixels[frame, body]
        and min(high, box[body, 2]) - max(low, box[body, 0]) > (high - low) / 3
        for body in range(trajectory.num_bodies)
    )
