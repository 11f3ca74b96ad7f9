"""Director of a video: finds free places and samples things for the scenarios."""

from collections.abc import Sequence

import numpy as np

from ..catalogue import even_size
from ..vectors import dot, length
from ..vocabulary import SEEN_CATEGORIES
from ..world import World

OPEN = ('tray', 'basket', 'bowl')
"""Containers that things fall into or are put into."""


class Director:
    """Finds free places and samples categories for the scenarios.

    Args:
        world: The world to fill.
        rng: Source of all that is random.
        extra_categories: Things to favour beyond the long-tailed sampling.

    Attributes:
        things: Numbers of the things that are there.
    """

    def __init__(
        self,
        world: World,
        rng: np.random.Generator,
        extra_categories: Sequence[str] = (),
    ) -> None:
        self.world = world
        self.rng = rng
        self.extra = list(extra_categories)
        self.things: list[int] = []
        self.taken: list[tuple[np.ndarray, float]] = []
        self._paths: list[tuple[np.ndarray, float]] = []

    def category(self, choices: Sequence[str] | None = None) -> str:
        """Sample a category, by a long-tailed law if all are possible."""
        if self.extra and choices is None and self.rng.random() < 0.6:
            return str(self.rng.choice(self._fresh(self.extra)))
        if choices is not None:
            return str(self.rng.choice(self._fresh(choices)))
        names = [name for name in SEEN_CATEGORIES if name != 'gripper']
        rank = {name: place for place, name in enumerate(names)}
        names = self._fresh(names)
        weights = 1 / (np.array([rank[name] for name in names]) + 3.0)
        return str(self.rng.choice(names, p=weights / weights.sum()))

    def size(self, category: str) -> float:
        """Sample a factor on the size of a thing of a category."""
        stage = self.world.stage
        return self.rng.uniform(*stage.size) * even_size(category, stage.evenness)

    def free_place(self, radius: float, tries: int = 60) -> np.ndarray | None:
        """Find a place ``[2]`` on the table with room of a radius in metres."""
        stage = self.world.stage
        for _ in range(tries):
            place = self.rng.uniform(stage.low, stage.high)
            if self.is_free(place, radius):
                return place
        return None

    def is_free(self, place: np.ndarray, radius: float) -> bool:
        """Return whether there is room of a radius in metres about a place ``[2]``."""
        return all(
            length(place - other) > radius + reach for other, reach in self.taken
        )

    def put(
        self,
        category: str,
        place: np.ndarray | None = None,
        ground: float = 0.0,
        yaw: float | None = None,
        factor: float = 1.0,
    ) -> int | None:
        """Stand a thing on the table, or on another at a height in metres.

        Args:
            category: What it is.
            place: Where ``[2]``, in metres; None finds a free place.
            ground: Height of what it stands on in metres.
            yaw: Rotation about the upright axis in radians; None samples one.
            factor: On its size.

        Returns:
            Its number, or None where there is no room.
        """
        yaw = self.rng.uniform(-np.pi, np.pi) if yaw is None else yaw
        size = self.size(category) * factor
        number = self.world.add(category, np.array([0, 0, 2.0]), yaw, size)
        low, high = self.world.extent(number)
        radius = length((high - low)[:2]) / 2 * 0.8
        if place is None:
            place = self.free_place(radius)
        if place is None:
            self._put_away(number)
            return None
        self.things.append(number)
        self.take(place, radius)
        self.world.move(number, np.array([*place, 1.0]), self.world.pose(number)[1])
        self.world.place_on(number, ground)
        return number

    def put_beside(
        self,
        category: str,
        sides: Sequence[tuple[int, np.ndarray, float]],
        yaw: float,
    ) -> int | None:
        """Stand a thing on the table at a distance of another.

        Args:
            category: What it is.
            sides: Things to stand beside, each with the direction from there to the
                new thing ``[2]``, of length 1, and the gap between in metres. The
                first with room is taken.
            yaw: The new thing's rotation about the upright axis in radians.

        Returns:
            Its number, or None where there is no room.
        """
        number = self.put(category, np.array([3.0, 0.0]), yaw=yaw)
        self.taken.pop()
        low, high = self.world.extent(number)
        radius = length((high - low)[:2]) / 2 * 0.8
        for anchor, direction, gap in sides:
            place = self._approach(number, anchor, direction, gap)
            if self._has_room(number, anchor, place, radius):
                self.take(place, radius)
                return number
        self.things.pop()
        self._put_away(number)
        return None

    def at(self, right: float, away: float) -> np.ndarray:
        """Return a place on the table ``[2]``, counted from the image's middle.

        Args:
            right: To the right in the first image, in metres.
            away: Away from the camera, in metres.
        """
        camera = self.world.camera
        middle = np.array(camera.target[:2])
        return middle + right * camera.right() + away * camera.away()

    def right_of_centre(self, number: int) -> float:
        """Return how far right of the image's middle a body stands, in metres."""
        camera = self.world.camera
        offset = self.centre(number)[:2] - camera.target[:2]
        return dot(offset, camera.right())

    def take(self, place: np.ndarray, radius: float) -> None:
        """Keep a place ``[2]`` and its surroundings free, in metres."""
        self.taken.append((np.asarray(place), radius))

    def keep_free(self, start: np.ndarray, end: np.ndarray, radius: float) -> None:
        """Keep the path from one place ``[2]`` to another free, in metres."""
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            self._paths.append((start + share * (end - start), radius))
        self.taken += self._paths[-5:]

    def top(self, number: int) -> float:
        """Return the height of a body's top in metres."""
        return float(self.world.extent(number)[1][2])

    def centre(self, number: int) -> np.ndarray:
        """Return the centre ``[3]`` of a body in metres."""
        low, high = self.world.extent(number)
        return (low + high) / 2

    def _approach(
        self, number: int, anchor: int, direction: np.ndarray, gap: float
    ) -> np.ndarray:
        """Move a thing to a gap in metres from another; return its place ``[2]``."""
        world, way = self.world, 0.3
        centre = self.centre(anchor)[:2]
        for _ in range(4):
            low, high = world.extent(number)
            shift = centre + way * direction - ((low + high) / 2)[:2]
            position, pose = world.pose(number)
            world.move(number, position + [*shift, 0], pose)
            way += gap - world.distance(number, anchor)
        return centre + way * direction

    def _has_room(
        self, number: int, anchor: int, place: np.ndarray, radius: float
    ) -> bool:
        """Return whether a thing that stands at a place is in nothing's way."""
        return (
            self._is_seen(place)
            and all(
                length(place - other) >= radius + reach for other, reach in self._paths
            )
            and all(
                self.world.distance(number, other) >= 0.02
                for other in self.things
                if other not in (number, anchor)
            )
        )

    def _put_away(self, number: int) -> None:
        # A world's bodies are never removed.
        self.world.move(number, np.array([50.0 + number, 50.0, 0.5]))
        self.world.client.changeDynamics(self.world.bodies[number], -1, mass=0)

    def _is_seen(self, place: np.ndarray) -> bool:
        camera = self.world.camera
        offset = place - camera.target[:2]
        reach = 0.3 * camera.distance
        return (
            abs(dot(offset, camera.right())) < reach
            and dot(offset, camera.away()) > -0.12
        )

    def _fresh(self, names: Sequence[str]) -> list[str]:
        """Return the categories that the world has none of, where it shall be so."""
        if not self.world.stage.distinct:
            return list(names)
        return [name for name in names if name not in self.world.categories] or list(
            names
        )
