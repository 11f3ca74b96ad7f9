"""What an object looks like, in words that do not name it."""

from collections.abc import Sequence

import numpy as np

from . import words
from .scene_measures import SceneMeasures, median
from .text_cleaning import clean_text, names


class ObjectPhrases:
    """Describes an object from its attributes and its measures.

    In this order, whatever is known: attributes, size, place where it is first seen,
    depth beside the scene's median, motion, and whether it comes or leaves.

    Args:
        sizes: Shares of the image from which an object is called small,
            medium-sized, large and huge. Of a huge one neither place
            nor motion is said.
        middle: Where the middle of the image begins and ends, as shares of its width
            and height.
        depths: Shares of the scene's median depth up to which an object is near, and
            from which it is far away.
        moves: How far an object moves, in diagonals of the image, to be moving.
        approaches: By which share of it a depth changes to come closer or go away.
        absent: For which share of the frames an object is away at the beginning, or
            at the end, to be said to appear later, or to leave.
        max_attributes: How many attributes are taken.
    """

    def __init__(
        self,
        sizes: Sequence[float] = (0.003, 0.03, 0.12, 0.4),
        middle: tuple[float, float] = (1 / 3, 2 / 3),
        depths: tuple[float, float] = (0.8, 1.25),
        moves: float = 0.04,
        approaches: float = 0.12,
        absent: float = 0.25,
        max_attributes: int = 2,
    ) -> None:
        if len(sizes) != len(words.SIZES) - 1 or list(sizes) != sorted(sizes):
            raise ValueError(f'sizes is {sizes}, expected four ascending shares')
        self.sizes = sizes
        self.middle = middle
        self.depths = depths
        self.moves = moves
        self.approaches = approaches
        self.absent = absent
        self.max_attributes = max_attributes

    def describe(
        self,
        measures: SceneMeasures,
        number: int,
        category: str,
        attributes: Sequence[str] = (),
    ) -> str:
        """Return a description, with commas between its phrases.

        Args:
            measures: Measures of the scene.
            number: The object's place among them.
            category: What must not be said.
            attributes: What the annotation says of it.
        """
        cleaned = (clean_text(item).replace(',', '') for item in attributes)
        kept = [item for item in cleaned if item and not names(item, category)]
        phrases = list(dict.fromkeys(kept))[: self.max_attributes]
        seen = np.flatnonzero(measures.present[number])
        if len(seen):
            phrases += self._still(measures, number, seen)
            phrases += self._motion(measures, number, seen)
        return ', '.join(phrases)

    def _still(
        self, measures: SceneMeasures, number: int, seen: np.ndarray
    ) -> list[str]:
        share = median(measures.shares[number, seen])
        size = int(np.searchsorted(self.sizes, share, side='right'))
        phrases = [words.SIZES[size]]
        if size < len(self.sizes):
            height, width = measures.size
            x, y = measures.centres[number, seen[0]] / (width, height)
            row, column = np.searchsorted(self.middle, (y, x), side='right')
            phrases.append(words.PLACES[row][column])
        depths = measures.depths[number, seen] - measures.scene_depths[seen]
        depths = depths[np.isfinite(depths)]
        if len(depths):
            ratio = np.exp(median(depths))
            if ratio <= self.depths[0]:
                phrases.append(words.NEAR)
            elif ratio >= self.depths[1]:
                phrases.append(words.FAR)
        return phrases

    def _motion(
        self, measures: SceneMeasures, number: int, seen: np.ndarray
    ) -> list[str]:
        total = len(measures.frames)
        if total < 2:
            return []
        phrases = []
        huge = median(measures.shares[number, seen]) >= self.sizes[-1]
        if len(seen) > 1 and not huge:
            path = measures.moved(number, seen[0], seen)
            depths = measures.depths[number, seen]
            depths = depths[np.isfinite(depths)]
            change = depths[-1] - depths[0] if len(depths) > 1 else 0.0
            phrases.append(self._direction(path, change))
        away = max(1, self.absent * total)
        if seen[0] >= away:
            phrases.append(words.APPEARING)
        if total - 1 - seen[-1] >= away:
            phrases.append(words.LEAVING)
        return phrases

    def _direction(self, path: np.ndarray, change: float) -> str:
        x, y = path[-1]
        strengths = {
            words.RIGHT if x > 0 else words.LEFT: abs(x) / self.moves,
            words.DOWN if y > 0 else words.UP: abs(y) / self.moves,
            words.CLOSER if change < 0 else words.AWAY: abs(change) / self.approaches,
        }
        strongest = max(strengths, key=strengths.__getitem__)
        strength = strengths[strongest]
        farthest = np.linalg.norm(path, axis=1).max() / self.moves
        if farthest >= 2 * max(1, strength):
            return words.ABOUT
        return strongest if strength >= 1 else words.AT_REST
