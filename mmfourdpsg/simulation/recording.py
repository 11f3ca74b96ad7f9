"""Recording: a simulated video before a writer stores it."""

from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import SceneGraph


@dataclass
class Recording:
    """Frames, depth, instance ids and the scene graph of one video.

    Shapes: ``F`` frames, ``H`` x ``W`` pixels.

    Attributes:
        scene_graph: The graph with mask tubes; ids of stuff are above 1000.
        rgb: uint8 ``[F, H, W, 3]``.
        depth: float32 ``[F, H, W]`` metres along the view axis, 0 = unknown.
        instance_ids: int32 ``[F, H, W]``, object ids of the graph, 0 = none.
        focal_length: Focal length in pixels, the same in both directions.
        fps: Frames a second.
        seed: The seed from which all of it follows.
    """

    scene_graph: SceneGraph
    rgb: np.ndarray
    depth: np.ndarray
    instance_ids: np.ndarray
    focal_length: float
    fps: int
    seed: int
