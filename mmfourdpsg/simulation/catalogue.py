"""Catalogue of the simulated world: the body of each category, sizes, colours."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """A model that PyBullet's data package brings.

    Attributes:
        path: URDF file in ``pybullet_data``.
        scale: Scale of the URDF.
        rest: Euler angles in radians of its upright pose.
        painted: Whether it is painted anew, rather than with its own colours.
        mass: Mass in kg of the whole body.
    """

    path: str
    scale: float
    rest: tuple[float, float, float] = (0.0, 0.0, 0.0)
    painted: bool = False
    mass: float = 0.2


@dataclass(frozen=True)
class Part:
    """One primitive of a body.

    Attributes:
        kind: ``box`` (half extents), ``cylinder`` (radius, length) or ``sphere``
            (radius).
        size: Its size in metres.
        offset: Its centre in metres, from the body's origin.
        colour: Index into the body's colours.
        angles: Euler angles in radians.
    """

    kind: str
    size: tuple[float, ...]
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    colour: int = 0
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Solid:
    """A pointed solid over a regular polygon.

    Attributes:
        sides: Corners of its base.
        radius: Radius of the base in metres.
        height: Height in metres.
    """

    sides: int
    radius: float
    height: float


def _ring(radius: float, height: float, thickness: float, sides: int) -> list[Part]:
    width = radius * math.tan(math.pi / sides) + thickness
    return [
        Part(
            'box',
            (thickness, width, height / 2),
            (
                radius * math.cos(2 * math.pi * i / sides),
                radius * math.sin(2 * math.pi * i / sides),
                height / 2,
            ),
            0,
            (0, 0, 2 * math.pi * i / sides),
        )
        for i in range(sides)
    ]


CATALOGUE: dict[str, Model | Solid | list[Part]] = {
    'cube': [Part('box', (0.045, 0.045, 0.045))],
    'ball': [Part('sphere', (0.045,))],
    'mug': Model('objects/mug.urdf', 1.0, (0, 0, 0), True),
    'duck': Model('duck_vhacd.urdf', 1.5, (math.pi / 2, 0, 0)),
    'can': [
        Part('cylinder', (0.036, 0.11)),
        Part('cylinder', (0.032, 0.116), (0, 0, 0), 1),
    ],
    'lego brick': Model('lego/lego.urdf', 2.8, (0, 0, 0), True),
    'bottle': [
        Part('cylinder', (0.036, 0.11)),
        Part('cylinder', (0.014, 0.05), (0, 0, 0.078), 0),
        Part('cylinder', (0.017, 0.016), (0, 0, 0.108), 1),
    ],
    'book': [
        Part('box', (0.075, 0.055, 0.004), (0, 0, 0.014)),
        Part('box', (0.075, 0.055, 0.004), (0, 0, -0.014)),
        Part('box', (0.072, 0.051, 0.011), (0.002, 0, 0), 2),
        Part('box', (0.004, 0.055, 0.018), (-0.075, 0, 0)),
    ],
    'soccer ball': Model('soccerball.urdf', 0.11),
    'tray': Model('tray/traybox.urdf', 0.42, mass=0.4),
    'teddy bear': Model('teddy_vhacd.urdf', 1.5, (math.pi / 2, 0, 0)),
    'bowl': [
        Part('cylinder', (0.07, 0.012), (0, 0, 0.006)),
        *_ring(0.07, 0.06, 0.006, 10),
    ],
    'domino': [
        Part('box', (0.012, 0.035, 0.065)),
        Part('box', (0.0125, 0.03, 0.002), (0, 0, 0), 2),
    ],
    'plate': [
        Part('cylinder', (0.085, 0.012)),
        Part('cylinder', (0.06, 0.014), (0, 0, 0.001), 2),
    ],
    'gripper': [
        Part('cylinder', (0.02, 0.5), (0, 0, 0.33), 2),
        Part('box', (0.035, 0.075, 0.02), (0, 0, 0.07), 1),
        Part('box', (0.014, 0.008, 0.05), (0, 0.062, 0.02), 0),
        Part('box', (0.014, 0.008, 0.05), (0, -0.062, 0.02), 0),
    ],
    'toy robot': Model('r2d2.urdf', 0.24),
    'cone': Solid(24, 0.055, 0.12),
    'basket': [
        Part('box', (0.085, 0.065, 0.006), (0, 0, 0.006)),
        Part('box', (0.006, 0.065, 0.045), (0.085, 0, 0.045)),
        Part('box', (0.006, 0.065, 0.045), (-0.085, 0, 0.045)),
        Part('box', (0.085, 0.006, 0.045), (0, 0.065, 0.045), 1),
        Part('box', (0.085, 0.006, 0.045), (0, -0.065, 0.045), 1),
    ],
    'jenga block': Model('jenga/jenga.urdf', 0.95),
    'toy car': [
        Part('box', (0.07, 0.035, 0.016), (0, 0, 0.005)),
        Part('box', (0.035, 0.03, 0.016), (-0.01, 0, 0.035), 1),
        *(
            Part('cylinder', (0.02, 0.014), (x, y, -0.01), 3, (math.pi / 2, 0, 0))
            for x in (-0.045, 0.045)
            for y in (-0.038, 0.038)
        ),
    ],
    'candle': [
        Part('cylinder', (0.024, 0.11)),
        Part('cylinder', (0.004, 0.02), (0, 0, 0.065), 3),
    ],
    'pyramid': Solid(4, 0.075, 0.09),
    'lamp': [
        Part('cylinder', (0.05, 0.012), (0, 0, -0.07), 3),
        Part('cylinder', (0.008, 0.1), (0, 0, -0.02), 3),
        Part('cylinder', (0.055, 0.06), (0, 0, 0.045)),
    ],
    'mushroom': [
        Part('cylinder', (0.022, 0.07), (0, 0, -0.03), 2),
        Part('sphere', (0.048,), (0, 0, 0.03)),
    ],
    'hammer': [
        Part('cylinder', (0.012, 0.16), (0, 0, 0), 0, (0, math.pi / 2, 0)),
        Part('box', (0.02, 0.05, 0.022), (0.08, 0, 0), 3),
    ],
    'house': [
        Part('box', (0.05, 0.04, 0.035)),
        Part('box', (0.052, 0.033, 0.033), (0, 0, 0.035), 1, (math.pi / 4, 0, 0)),
    ],
}
"""Category -> how to build it."""

CLOSED_GRIPPER = [
    *CATALOGUE['gripper'][:2],
    Part('box', (0.016, 0.01, 0.05), (0, 0.011, 0.02), 0),
    Part('box', (0.016, 0.01, 0.05), (0, -0.011, 0.02), 0),
]
"""A gripper whose fingers are together, to push with."""

PALETTE = (
    (0.85, 0.12, 0.12),
    (0.13, 0.45, 0.85),
    (0.15, 0.62, 0.25),
    (0.95, 0.78, 0.12),
    (0.93, 0.48, 0.10),
    (0.50, 0.22, 0.65),
    (0.10, 0.68, 0.70),
    (0.92, 0.45, 0.65),
    (0.55, 0.33, 0.16),
    (0.60, 0.75, 0.15),
    (0.20, 0.22, 0.45),
)
"""Colours of things, red, green and blue in 0..1."""

VISIBLE_SIZES = {
    'cube': 0.090,
    'ball': 0.075,
    'mug': 0.095,
    'duck': 0.095,
    'can': 0.080,
    'lego brick': 0.083,
    'bottle': 0.090,
    'book': 0.094,
    'soccer ball': 0.090,
    'tray': 0.150,
    'teddy bear': 0.095,
    'bowl': 0.112,
    'domino': 0.069,
    'plate': 0.106,
    'gripper': 0.105,
    'toy robot': 0.130,
    'cone': 0.095,
    'basket': 0.140,
    'jenga block': 0.060,
    'toy car': 0.092,
    'candle': 0.068,
    'pyramid': 0.110,
    'lamp': 0.105,
    'mushroom': 0.095,
    'hammer': 0.090,
    'house': 0.104,
}
"""Category -> side in metres of a square that seems as large, by and large; the
gripper's, most of which is a rod, stands for its fingers."""

TYPICAL_SIZE = 0.105
"""What :func:`even_size` makes of all sizes in metres, at most."""


def even_size(category: str, evenness: float) -> float:
    """Return the factor on a category's size that brings it near to the others'.

    Args:
        category: A key of :data:`CATALOGUE`.
        evenness: 0 leaves it as it is, 1 makes it as large as the others.
    """
    return (TYPICAL_SIZE / VISIBLE_SIZES[category]) ** evenness
