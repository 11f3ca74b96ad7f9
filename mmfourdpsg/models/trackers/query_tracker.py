"""Tracker that follows segments from frame to frame by their queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from mmfourdpsg.registry import TASK_UTILS

from ..segmentors import FrameSegments

# More than any distance: such pairs are taken apart after the assignment.
FAR = 1e3


@dataclass
class Track:
    """One object through a video, in the frames where it was found.

    Attributes:
        query: What its next segment is compared with: a running mean of unit length.
        box: Its last box ``(x1, y1, x2, y2)`` in pixels.
        velocity: Pixels a frame of each side of the box.
        last: The last frame in which it was found.
        queries: Frame -> query ``[C]``.
        rles: Frame -> run-length encoded mask.
        scores: Frame -> score.
        votes: Category index -> sum of the scores with which it was found.
    """

    query: Tensor
    box: np.ndarray
    velocity: np.ndarray
    last: int
    queries: dict[int, Tensor] = field(default_factory=dict)
    rles: dict[int, dict] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    votes: Counter = field(default_factory=Counter)

    @property
    def category(self) -> int:
        """The category that most of its frames vote for."""
        return max(self.votes, key=lambda key: (self.votes[key], -key))

    @property
    def score(self) -> float:
        """The mean of its scores."""
        return sum(self.scores.values()) / len(self.scores)

    def expected_box(self, frame: int) -> np.ndarray:
        """Return where its box should be in a frame, if it moves as it did."""
        return self.box + self.velocity * (frame - self.last)


@TASK_UTILS.register_module()
class QueryTracker:
    """Joins the segments of a video's frames to tracks.

    In each frame segments go to tracks by the smallest sum of cosine distances of
    their queries; then those that are left by the overlap of their boxes with where the
    tracks should be. What goes to none begins a track. Source: Yang et al., "4D
    panoptic scene graph generation" (NeurIPS 2023), section 4.1, after Wang et al., "Do
    different tracking tasks require different appearance models?" (NeurIPS 2021).

    Args:
        max_distance: Largest cosine distance of a segment and its track.
        max_distance_same_category: Likewise, where both are of one category.
        min_iou: Least IoU of boxes in the second step.
        box_weight: How much one minus the IoU of boxes adds to the distances that are
            summed up in the first step; the largest ones are of queries alone.
        max_lost: Frames after which a track that is not found again has ended.
        momentum: Weight of what a track looked like before in its running mean.
    """

    def __init__(
        self,
        max_distance: float = 0.2,
        max_distance_same_category: float = 0.4,
        min_iou: float = 0.5,
        box_weight: float = 0.0,
        max_lost: int = 30,
        momentum: float = 0.9,
    ) -> None:
        self.max_distance = max_distance
        self.max_distance_same_category = max_distance_same_category
        self.min_iou = min_iou
        self.box_weight = box_weight
        self.max_lost = max_lost
        self.momentum = momentum

    def __repr__(self) -> str:
        settings = ', '.join(f'{key}={value}' for key, value in vars(self).items())
        return f'QueryTracker({settings})'

    def track(self, frames: Iterable[FrameSegments]) -> list[Track]:
        """Follow the segments of a video.

        Args:
            frames: Segments of every frame, in order; frames without any count, too.

        Returns:
            The tracks, in the order in which they began.
        """
        tracks: list[Track] = []
        for frame, segments in enumerate(frames):
            alive = [item for item in tracks if frame - item.last <= self.max_lost]
            queries = F.normalize(segments.queries, dim=-1)  # [n, C]
            found = self._match(alive, segments, queries, frame)
            for index in range(len(segments)):
                track = found.get(index)
                if track is None:
                    track = Track(
                        queries[index], segments.boxes[index], np.zeros(4), frame
                    )
                    tracks.append(track)
                self._extend(track, segments, index, queries[index], frame)
        return tracks

    def _match(
        self, tracks: list[Track], segments: FrameSegments, queries: Tensor, frame: int
    ) -> dict[int, Track]:
        """Return segment -> its track, of those that have one already."""
        if not tracks or not len(segments):
            return {}
        known = torch.stack([track.query for track in tracks])  # [m, C]
        distances = (1 - queries @ known.T).numpy()  # [n, m]
        boxes = np.stack([track.expected_box(frame) for track in tracks])
        ious = box_ious(segments.boxes, boxes)  # [n, m]
        same = np.equal.outer(segments.categories, [track.category for track in tracks])
        limits = np.where(same, self.max_distance_same_category, self.max_distance)
        costs = distances + self.box_weight * (1 - ious)
        found = _assign(costs, distances <= limits)
        rows = [i for i in range(len(segments)) if i not in found]
        columns = [j for j in range(len(tracks)) if j not in set(found.values())]
        left = ious[np.ix_(rows, columns)]
        for i, j in _assign(1 - left, left >= self.min_iou).items():
            found[rows[i]] = columns[j]
        return {index: tracks[place] for index, place in found.items()}

    def _extend(
        self,
        track: Track,
        segments: FrameSegments,
        index: int,
        query: Tensor,
        frame: int,
    ) -> None:
        if frame > track.last:
            speed = (segments.boxes[index] - track.box) / (frame - track.last)
            # Half of what it was: boxes shake.
            track.velocity = (track.velocity + speed) / 2
            mean = self.momentum * track.query + (1 - self.momentum) * query
            track.query = F.normalize(mean, dim=-1)
        track.box = segments.boxes[index]
        track.last = frame
        track.queries[frame] = segments.queries[index]
        track.rles[frame] = segments.rles[index]
        track.scores[frame] = segments.scores[index]
        track.votes[segments.categories[index]] += segments.scores[index]


def box_ious(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the IoU ``[n, m]`` of boxes ``[n, 4]`` and others ``[m, 4]``, xyxy."""
    first, second = boxes[:, None], others[None]
    sides = np.minimum(first, second)[..., 2:] - np.maximum(first, second)[..., :2]
    both = sides.clip(min=0).prod(axis=-1)
    areas = [
        (x[..., 2:] - x[..., :2]).clip(min=0).prod(axis=-1) for x in (first, second)
    ]
    return both / (areas[0] + areas[1] - both).clip(min=1e-9)


def _assign(costs: np.ndarray, allowed: np.ndarray) -> dict[int, int]:
    """Return row -> column of the allowed pairs of the cheapest assignment."""
    if not allowed.any():
        return {}
    rows, columns = linear_sum_assignment(np.where(allowed, costs, FAR))
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if allowed[i, j]}
