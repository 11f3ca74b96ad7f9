"""Director of a video: finds free places and samples things for the scenarios."""

from collections.abc import Sequence

import numpy as np

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
        self.taken: list[tuple[np.ndarray, float]] = []

    def category(self, choices: Sequence[str] | None = None) -> str:
        """Sample a category, by a long-tailed law if all are possible."""
        if self.extra and choices is None and self.rng.random() < 0.6:
            return str(self.rng.choice(self.extra))
        if choices is not None:
            return str(self.rng.choice(choices))
        names = [name for name in SEEN_CATEGORIES if name != 'gripper']
        weights = 1 / (np.arange(len(names)) + 3.0)
        return str(self.rng.choice(names, p=weights / weights.sum()))

    def free_place(self, radius: float, tries: int = 60) -> np.ndarray | None:
        """Find a place ``[2]`` on the table with room of a radius in metres."""
        for _ in range(tries):
            place = self.rng.uniform([-0.19, -0.15], [0.19, 0.18])
            if all(
                np.linalg.norm(place - other) > radius + reach
                for other, reach in self.taken
            ):
                return place
        return None

    def put(
        self,
        category: str,
        place: np.ndarray | None = None,
        ground: float = 0.0,
        yaw: float | None = None,
    ) -> int | None:
        """Stand a thing on the table, or on another at a height in metres.

        Returns:
            Its number, or None where there is no room.
        """
        yaw = self.rng.uniform(-np.pi, np.pi) if yaw is None else yaw
        size = self.rng.uniform(0.9, 1.2)
        number = self.world.add(category, np.array([0, 0, 2.0]), yaw, size)
        low, high = self.world.extent(number)
        radius = float(np.linalg.norm((high - low)[:2]) / 2) * 0.8
        if place is None:
            place = self.free_place(radius)
        if place is None:
            # Out of sight: a world's bodies are never removed.
            self.world.move(number, np.array([50.0 + number, 50.0, 0.5]))
            self.world.client.changeDynamics(self.world.bodies[number], -1, mass=0)
            return None
        self.taken.append((np.asarray(place), radius))
        self.world.move(number, np.array([*place, 1.0]), self.world.pose(number)[1])
        self.world.place_on(number, ground)
        return number

    def top(self, number: int) -> float:
        """Return the height of a body's top in metres."""
        return float(self.world.extent(number)[1][2])

    def centre(self, number: int) -> np.ndarray:
        """Return the centre ``[3]`` of a body in metres."""
        low, high = self.world.extent(number)
        return (low + high) / 2
