"""Settings of the simulation: sizes, rates, limits, and how a scene is set up."""

from dataclasses import dataclass

Range = tuple[float, float]
"""Least and greatest value of what is sampled evenly."""


@dataclass(frozen=True)
class SimulationSettings:
    """What a video looks like.

    Attributes:
        width: Columns of a frame, in pixels.
        height: Rows of a frame, in pixels.
        num_frames: Frames of a video.
        fps: Frames a second.
        steps_per_second: Steps of the physics a second; a multiple of ``fps``.
        gravity: Acceleration in m/s^2. Weaker than on earth, so that a fall over the
            height of an image lasts several frames.
        field_of_view: Vertical field of view in degrees.
        near: Distance of the near plane in metres.
        far: Distance of the far plane in metres; beyond it depth is unknown.
        min_pixels: Pixels that an object shows in some frame to be in the graph.
        max_relations: Videos with more relations are sampled anew.
    """

    width: int = 192
    height: int = 144
    num_frames: int = 24
    fps: int = 12
    steps_per_second: int = 120
    gravity: float = 1.5
    field_of_view: float = 34.0
    near: float = 0.05
    far: float = 6.0
    min_pixels: int = 40
    max_relations: int = 10


@dataclass(frozen=True)
class StageSettings:
    """How a scene is set up: camera, places, sizes and colours.

    Attributes:
        distance: Distance of the camera to its target in metres.
        target_height: Height of the camera's target in metres.
        pitch: Angle of the camera above the horizontal in degrees.
        yaw: Greatest angle of the camera to the table's axis in degrees.
        moving: Share of videos whose camera moves.
        low: Least x and y ``[2]`` of a free place on the table, in metres.
        high: Greatest x and y ``[2]`` of a free place, in metres.
        size: Factor on a thing's size.
        evenness: 0 leaves things their size, 1 makes all categories equally large.
        distinct: Whether things of a video are of different categories, twins that a
            scenario asks for apart.
        shared_colour: Share of videos in which things have the table's colour.
        rolling_friction: Coefficient of rolling friction of things.
    """

    distance: Range = (0.45, 0.52)
    target_height: Range = (0.055, 0.075)
    pitch: Range = (26.0, 42.0)
    yaw: float = 20.0
    moving: float = 0.3
    low: Range = (-0.13, -0.08)
    high: Range = (0.13, 0.10)
    size: Range = (1.1, 1.23)
    evenness: float = 0.6
    distinct: bool = True
    shared_colour: float = 0.15
    rolling_friction: float = 0.008
