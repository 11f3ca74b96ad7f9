"""Settings of the simulation: sizes, rates and limits."""

from dataclasses import dataclass


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
            height of a image lasts several frames.
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
    steps_per_second: int = 240
    gravity: float = 5.0
    field_of_view: float = 34.0
    near: float = 0.05
    far: float = 6.0
    min_pixels: int = 40
    max_relations: int = 20
