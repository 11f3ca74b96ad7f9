"""Why two objects may be related, in words that do not say how."""

import numpy as np

from mmfourdpsg.structures import Span

from . import words
from .scene_measures import SceneMeasures, median


class RelationPhrases:
    """Explains a pair from its measures in the frames of a span.

    First how close they are: masks that adjoin at the same depth touch; boxes overlap.
    Then how they move, or if neither does, where one is beside the other: in front or
    behind, above or below, at the left or right.

    Args:
        contact: In which share of the frames they touch or adjoin for it to be said.
        close: Up to which gap between their boxes, in diagonals of the image, two
            objects are close together.
        moves: How far an object moves, in diagonals of the image, to be moving.
        together: Up to which share of the longer way two ways may differ to be one.
        in_front: By which share of it a depth is less to be in front.
        around: Which share of the outline of its mask that of what surrounds it has.
        within: Where there are boxes alone, which share of its own lies in the other.
        larger: And how many times its size that has.
    """

    def __init__(
        self,
        contact: float = 0.5,
        close: float = 0.08,
        moves: float = 0.04,
        together: float = 0.5,
        in_front: float = 0.06,
        around: float = 0.6,
        within: float = 0.9,
        larger: float = 4.0,
    ) -> None:
        self.contact = contact
        self.close = close
        self.moves = moves
        self.together = together
        self.in_front = in_front
        self.around = around
        self.within = within
        self.larger = larger

    def explain(
        self, measures: SceneMeasures, first: int, second: int, span: Span
    ) -> str:
        """Return a reason, with a comma between its phrases.

        Args:
            measures: Measures of the scene.
            first: The subject's place among its objects.
            second: The object's.
            span: When they are related, in original frames.
        """
        both = measures.present[first] & measures.present[second]  # [T]
        if not both.any():
            return ''
        during = both & _within_span(measures.frames, span)
        if not during.any():
            # No frame of the span was sampled: the one closest to it.
            seen = np.flatnonzero(both)
            gaps = [_distance(int(measures.frames[t]), span) for t in seen]
            during[seen[int(np.argmin(gaps))]] = True
        frames = np.flatnonzero(during)
        phrases = [self._closeness(measures, first, second, frames)]
        phrases.append(
            self._motion(
                measures, first, second, _moving_frames(both, frames, measures, span)
            )
            or self._place(measures, first, second, frames)
        )
        return ', '.join(phrase for phrase in phrases if phrase)

    def _closeness(
        self, measures: SceneMeasures, first: int, second: int, frames: np.ndarray
    ) -> str:
        if self._share(measures.touches, first, second, frames):
            return words.TOUCH
        if self._share(measures.adjoins, first, second, frames):
            return words.ADJOIN
        gaps = _gaps(measures.boxes[first, frames], measures.boxes[second, frames])
        masks = measures.has_masks[[first, second]].all()
        if not masks and (gaps <= 0).mean() >= self.contact:
            return words.OVERLAP
        return words.CLOSE if median(gaps) <= self.close else words.APART

    def _motion(
        self, measures: SceneMeasures, first: int, second: int, frames: np.ndarray
    ) -> str:
        if len(frames) < 2:
            return ''
        start, end = frames[0], frames[-1]
        pair = [first, second]
        ways = np.concatenate([measures.moved(n, start, frames[-1:]) for n in pair])
        lengths = np.linalg.norm(ways, axis=1)  # [2]
        moving = lengths >= self.moves
        if not moving.any():
            return ''
        if moving.all() and (
            np.linalg.norm(ways[0] - ways[1]) <= self.together * lengths.max()
        ):
            return words.TOGETHER
        # Nothing comes closer to what is all around it.
        if self._surrounding(measures, first, second, frames) is None:
            between = measures.centres[second] - measures.centres[first]  # [T, 2]
            before, after = np.linalg.norm(between[[start, end]], axis=1)
            unit = between[start] / max(before, 1e-9)
            toward = np.array([ways[0] @ unit, -(ways[1] @ unit)])
            if before - after >= self.moves and (toward >= self.moves).any():
                if (toward >= self.moves).all():
                    return words.EACH_OTHER
                return _of_pair(words.TOWARD, int(toward.argmax()))
            if after - before >= self.moves and (toward <= -self.moves).any():
                return _of_pair(words.AWAY_FROM, int(toward.argmin()))
        return _of_pair(words.MOVES, int(lengths.argmax()))

    def _surrounding(
        self, measures: SceneMeasures, first: int, second: int, frames: np.ndarray
    ) -> int | None:
        """Return which of the two surrounds the other, 0 or 1, or None."""
        pair = [first, second]
        boxes = median(measures.boxes[pair][:, frames].swapaxes(0, 1))  # [2, 4]
        shares = median(measures.shares[pair][:, frames].T)  # [2]
        inner = int(shares.argmin())
        if measures.has_masks[pair].all():
            outline = measures.outlines[pair[inner], pair[1 - inner], frames]
            return 1 - inner if median(outline) >= self.around else None
        common = np.concatenate([boxes[:, :2].max(axis=0), boxes[:, 2:].min(axis=0)])
        if shares[1 - inner] < self.larger * shares[inner] or _area(
            common
        ) < self.within * _area(boxes[inner]):
            return None
        return 1 - inner

    def _place(
        self, measures: SceneMeasures, first: int, second: int, frames: np.ndarray
    ) -> str:
        pair = [first, second]
        touching = self._share(measures.touches, first, second, frames)
        outer = self._surrounding(measures, first, second, frames)
        boxes = median(measures.boxes[pair][:, frames].swapaxes(0, 1))  # [2, 4]
        depths = measures.depths[second, frames] - measures.depths[first, frames]
        known = depths[np.isfinite(depths)]
        farther = float(median(known)) if len(known) else 0.0
        if (
            abs(farther) >= self.in_front
            and (
                _gaps(*boxes) <= 0
                or self._share(measures.adjoins, first, second, frames)
            )
            and not (touching and outer is not None)
        ):
            place = words.IN_FRONT if farther > 0 else words.BEHIND
        elif outer is not None:
            return _of_pair(words.SURROUNDS, outer)
        else:
            centres = median(measures.centres[pair][:, frames].swapaxes(0, 1))  # [2, 2]
            sides = (boxes[:, 2:] - boxes[:, :2]).sum(axis=0)
            x, y = (centres[1] - centres[0]) / sides.clip(min=1e-9)
            if abs(x) >= abs(y):
                place = words.AT_LEFT if x > 0 else words.AT_RIGHT
            else:
                place = words.ABOVE if y > 0 else words.BELOW
        return words.IS_PLACED.format(words.ENDS[0], place)

    def _share(
        self, contact: np.ndarray, first: int, second: int, frames: np.ndarray
    ) -> bool:
        return bool(contact[first, second, frames].mean() >= self.contact)


def _of_pair(phrase: str, subject: int) -> str:
    return phrase.format(words.ENDS[subject], words.ENDS[1 - subject])


def _within_span(frames: np.ndarray, span: Span) -> np.ndarray:
    inside = np.zeros(len(frames), bool)
    for start, end in span:
        inside |= (frames >= start) & (frames <= end)
    return inside


def _moving_frames(
    both: np.ndarray, frames: np.ndarray, measures: SceneMeasures, span: Span
) -> np.ndarray:
    """Return places of frames from the first to the last of which to measure motion.

    They are of one range of the span. Of a lone frame no motion is seen: the frames
    before and after it join in.

    Args:
        both: Whether both objects are seen ``[T]``.
        frames: Places of the frames of the span in which they are.
        measures: Measures of the scene.
        span: The span.
    """
    parts = [frames[_within_span(measures.frames[frames], [part])] for part in span]
    longest = max(parts, key=len)
    if len(longest) > 1:
        return longest
    lone = int(longest[0] if len(longest) else frames[0])
    around = np.arange(max(lone - 1, 0), min(lone + 2, len(both)))
    return around[both[around]]


def _distance(frame: int, span: Span) -> int:
    return min(max(start - frame, frame - end, 0) for start, end in span)


def _area(box: np.ndarray) -> float:
    return float(np.prod((box[2:] - box[:2]).clip(min=0)))


def _gaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the distances between boxes ``[..., 4]``, 0 where they overlap."""
    apart = np.maximum(a[..., :2] - b[..., 2:], b[..., :2] - a[..., 2:])
    return np.linalg.norm(apart.clip(min=0), axis=-1)
