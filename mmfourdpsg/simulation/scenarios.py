"""What happens in a video: small scenarios that a stage director combines.

Each scenario puts things into a world and, where needed, controllers. They say
nothing of relations, which follow from what the physics makes of them.
"""

from collections.abc import Callable, Sequence

import numpy as np

from .gripper import Gripper, Waypoint
from .vocabulary import SEEN_CATEGORIES
from .world import World

BLOCKS = ('cube', 'lego brick', 'book', 'jenga block', 'plate')
FLAT_TOPPED = ('cube', 'lego brick', 'book', 'plate')
SMALL = ('cube', 'ball', 'lego brick', 'domino', 'duck', 'teddy bear', 'can')
GRASPABLE = ('cube', 'ball', 'lego brick', 'domino', 'duck', 'can', 'jenga block')
ROUND = ('ball', 'soccer ball', 'ball', 'can')
SLIDING = ('cube', 'book', 'toy car', 'lego brick', 'plate', 'jenga block')
OPEN = ('tray', 'basket', 'bowl')
LEANING = ('domino', 'book', 'jenga block')
STURDY = ('basket', 'cube', 'mug', 'can')


class Director:
    """Finds free places and draws categories for the scenarios.

    Args:
        world: The world to fill.
        rng: Source of all that is random.
        extra_categories: Things to favour beyond the long-tailed draw.
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
        """Draw a category, by a long-tailed law if all are possible."""
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
            place = self.rng.uniform([-0.21, -0.16], [0.21, 0.2])
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


def stand(director: Director) -> None:
    """Things that only stand there, some of them close together."""
    for _ in range(director.rng.integers(1, 4)):
        director.put(director.category())
    if director.rng.random() < 0.5:
        twins = director.category()
        first = director.put(twins)
        if first is not None:
            centre = director.centre(first)[:2]
            low, high = director.world.extent(first)
            side = np.array([(high - low)[0] + 0.008, 0.0])
            director.put(twins, centre + side, yaw=0.0)


def stack(director: Director) -> None:
    """Two or three things on top of one another."""
    base = director.put(director.category(FLAT_TOPPED), yaw=0.0)
    if base is None:
        return
    height = director.top(base)
    place = director.centre(base)[:2]
    for level in range(director.rng.integers(1, 3)):
        choices = BLOCKS if level == 0 else SMALL
        piece = director.put(director.category(choices), place, height + 0.001)
        height = director.top(piece)


def drop(director: Director) -> None:
    """One or two things that fall onto the table or into a container."""
    rng, world = director.rng, director.world
    target = None
    if rng.random() < 0.6:
        place = _high_place(director, 0.08)
        target = None if place is None else director.put(director.category(OPEN), place)
    for _ in range(rng.integers(1, 3)):
        place = _high_place(director, 0.06) if target is None else None
        if target is not None:
            place = director.centre(target)[:2] + rng.uniform(-0.03, 0.03, 2)
        if place is None:
            return
        start = rng.uniform(0.05, 1.2)
        top = world.camera.highest(place, start, world.settings.field_of_view)
        _drop_at(director, world, place, start, min(rng.uniform(0.8, 0.95) * top, 0.5))


def _high_place(director: Director, radius: float) -> np.ndarray | None:
    """Find a free place above which much room is seen, so that a fall is too."""
    places = [director.free_place(radius) for _ in range(3)]
    camera, view = director.world.camera, director.world.settings.field_of_view
    return max(
        (place for place in places if place is not None),
        key=lambda place: camera.highest(place, 0.0, view),
        default=None,
    )


def _drop_at(
    director: Director, world: World, place: np.ndarray, start: float, height: float
) -> None:
    pose = director.rng.uniform(-np.pi, np.pi)
    number = world.add(
        director.category(SMALL),
        np.array([0, 20, 20.0]),
        pose,
        director.rng.uniform(0.9, 1.1),
    )
    spin = director.rng.uniform(-3, 3, 3)
    turn = world.pose(number)[1]
    parked = np.array([10.0 + number, 20.0, 20.0])
    state = dict(free=False)

    def controller(time: float) -> None:
        if state['free']:
            return
        if time >= start:
            state['free'] = True
            world.move(number, np.array([*place, height]), turn)
            world.set_velocity(number, np.zeros(3), spin)
        else:
            world.move(number, parked, turn)

    world.controllers.append(controller)


def roll(director: Director) -> None:
    """A round thing that rolls across the table, often into another."""
    rng, world = director.rng, director.world
    aim = director.put(director.category(('cube', 'can', 'domino', 'bottle', 'candle')))
    target = np.zeros(2) if aim is None else director.centre(aim)[:2]
    side = rng.choice([-1, 1])
    start = np.array(
        [side * rng.uniform(0.25, 0.3), target[1] + rng.uniform(-0.05, 0.05)]
    )
    category = director.category(ROUND)
    number = director.put(category, start, yaw=0.0)
    way = target - start
    speed = rng.uniform(0.3, 0.6)
    velocity = np.array([*(way / np.linalg.norm(way)), 0]) * speed
    if category == 'can':
        # On its side, across its way.
        heading = np.arctan2(velocity[1], velocity[0])
        pose = world.client.getQuaternionFromEuler((np.pi / 2, 0, heading))
        world.move(number, np.array([*start, 0.2]), pose)
        world.place_on(number, 0.0)
    low, high = world.extent(number)
    radius = (high - low)[2] / 2
    axis = np.cross([0, 0, 1], velocity) / radius
    _launch(world, number, velocity, axis, rng.uniform(0.0, 0.7))


def slide(director: Director) -> None:
    """A thing that slides across the table, often into another."""
    rng, world = director.rng, director.world
    aim = director.put(director.category())
    target = np.zeros(2) if aim is None else director.centre(aim)[:2]
    side = rng.choice([-1, 1])
    start = np.array(
        [side * rng.uniform(0.24, 0.28), target[1] + rng.uniform(-0.04, 0.04)]
    )
    way = target - start
    heading = np.arctan2(way[1], way[0])
    number = director.put(director.category(SLIDING), start, yaw=heading)
    body = world.bodies[number]
    for link in range(-1, world.client.getNumJoints(body)):
        world.client.changeDynamics(body, link, lateralFriction=rng.uniform(0.12, 0.2))
    velocity = np.array([*(way / np.linalg.norm(way)), 0]) * rng.uniform(0.6, 0.9)
    _launch(world, number, velocity, np.zeros(3), rng.uniform(0.0, 0.7))


def _launch(
    world: World, number: int, velocity: np.ndarray, spin: np.ndarray, start: float
) -> None:
    state = dict(started=False)

    def controller(time: float) -> None:
        if not state['started'] and time >= start:
            state['started'] = True
            world.set_velocity(number, velocity, spin)

    world.controllers.append(controller)


def lean(director: Director) -> None:
    """A flat thing that leans on another."""
    rng, world = director.rng, director.world
    prop = director.put(director.category(STURDY), yaw=0.0)
    if prop is None:
        return
    centre = director.centre(prop)
    low, high = world.extent(prop)
    number = director.put(director.category(LEANING), centre[:2] + [3, 0], yaw=0.0)
    # Stand it on its long edge and let it fall gently against the prop.
    side = rng.choice([-1, 1])
    angle = np.radians(rng.uniform(20, 32)) * -side
    pose = world.poses[number]
    size = world.extent(number)[1] - world.extent(number)[0]
    stand_up = (0, np.pi / 2, 0) if size[2] < size[0] else (0, 0, 0)
    upright = world.client.getQuaternionFromEuler(stand_up)
    _, pose = world.client.multiplyTransforms((0, 0, 0), upright, (0, 0, 0), pose)
    world.poses[number] = pose
    lean_over = world.client.getQuaternionFromEuler((0, angle, 0))
    _, leaning = world.client.multiplyTransforms((0, 0, 0), lean_over, (0, 0, 0), pose)
    edge = high[0] if side > 0 else low[0]
    world.move(number, np.array([edge + side * 0.2, centre[1], 0.3]), leaning)
    own_low, own_high = world.extent(number)
    shift = (edge - own_low[0]) if side > 0 else (edge - own_high[0])
    position, _ = world.pose(number)
    world.move(number, position + [shift - side * 0.004, 0, 0], leaning)
    world.place_on(number, 0.0, 0.0)


def push(director: Director) -> None:
    """A gripper that pushes a thing across the table."""
    rng, world = director.rng, director.world
    number = director.put(
        director.category(('cube', 'book', 'lego brick', 'can', 'toy car', 'ball'))
    )
    if number is None:
        return
    centre = director.centre(number)
    low, high = world.extent(number)
    side = 1 if centre[0] > 0 else -1
    # From the outside inwards.
    reach = (high - low)[0] / 2 + 0.03
    start = np.array([centre[0] + side * (reach + 0.03), centre[1], 0.045])
    end = start - [side * rng.uniform(0.18, 0.3), 0, 0]
    Gripper(
        world,
        start + [0, 0, 0.2],
        [
            Waypoint(start, 0.5),
            Waypoint(end, rng.uniform(0.16, 0.26)),
            Waypoint(end + [side * 0.05, 0, 0.2], 0.4),
        ],
        solid=True,
    )


def _pick(director: Director) -> tuple[int, np.ndarray, np.ndarray] | None:
    number = director.put(director.category(GRASPABLE), yaw=0.0)
    if number is None:
        return None
    low, high = director.world.extent(number)
    grip = np.array(
        [*((low + high) / 2)[:2], max((low + high)[2] / 2, high[2] - 0.045)]
    )
    start = grip + [
        *director.rng.uniform(-0.15, 0.15, 2),
        director.rng.uniform(0.12, 0.2),
    ]
    return number, grip, start


def carry(director: Director) -> None:
    """A gripper that reaches for a thing, lifts, carries and drops it."""
    rng = director.rng
    container = director.put(director.category(OPEN)) if rng.random() < 0.5 else None
    picked = _pick(director)
    if picked is None:
        return
    number, grip, start = picked
    place = director.free_place(0.07)
    if container is not None:
        place = director.centre(container)[:2]
    if place is None:
        place = grip[:2] + [0.1, 0.0]
    height = rng.uniform(0.13, 0.2)
    above = np.array([*grip[:2], grip[2] + height])
    there = np.array([*place, above[2]])
    speed = rng.uniform(0.3, 0.45)
    Gripper(
        director.world,
        start,
        [
            Waypoint(grip, speed, grasp=number, pause=rng.uniform(0.1, 0.3)),
            Waypoint(above, speed),
            Waypoint(there, speed, release=True, pause=0.2),
            Waypoint(there + [0, 0, 0.15], 0.4),
        ],
    )


def hold(director: Director) -> None:
    """A gripper that lifts a thing and holds it."""
    picked = _pick(director)
    if picked is None:
        return
    number, grip, start = picked
    above = grip + [0, 0, director.rng.uniform(0.06, 0.12)]
    Gripper(
        director.world,
        start,
        [
            Waypoint(grip, director.rng.uniform(0.2, 0.35), grasp=number, pause=0.2),
            Waypoint(above, director.rng.uniform(0.1, 0.2), pause=5.0),
        ],
    )


def pull(director: Director) -> None:
    """A gripper that drags a thing along the table (held out from training)."""
    picked = _pick(director)
    if picked is None:
        return
    number, grip, start = picked
    end = grip + [
        *director.rng.uniform(0.08, 0.16, 2) * director.rng.choice([-1, 1], 2),
        0,
    ]
    Gripper(
        director.world,
        start,
        [
            Waypoint(grip, 0.35, grasp=number, pause=0.15),
            Waypoint(end, director.rng.uniform(0.12, 0.2), release=True, pause=0.3),
        ],
    )


def spin(director: Director) -> None:
    """A thing that spins on the spot (held out from training)."""
    number = director.put(
        director.category(('plate', 'bowl', 'mug', 'cone', 'toy robot'))
    )
    if number is None:
        return
    director.world.client.changeDynamics(
        director.world.bodies[number], -1, lateralFriction=0.08
    )
    rate = director.rng.uniform(14, 20) * director.rng.choice([-1, 1])
    start = director.rng.uniform(0.0, 0.5)
    _launch(director.world, number, np.zeros(3), np.array([0, 0, rate]), start)


Scenario = Callable[[Director], None]

ACTIONS: tuple[Scenario, ...] = (drop, roll, slide, push, carry, hold)
"""Scenarios in which something moves."""

BACKDROPS: tuple[Scenario, ...] = (stand, stack, lean)
"""Scenarios in which nothing moves."""

UNSEEN_ACTIONS: tuple[Scenario, ...] = (pull, spin)
"""Scenarios that only the ``unseen`` split has."""
