"""Single frames of a recording, for the layouts of data sets of images."""

from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

from .recording import Recording


@dataclass
class FrameImage:
    """One frame of a recording.

    Shapes: ``H`` x ``W`` pixels.

    Attributes:
        frame: Its index.
        rgb: uint8 ``[H, W, 3]``.
        depth: float32 ``[H, W]`` metres, 0 = unknown.
        ids: int32 ``[H, W]``, object ids, 0 = none.
        objects: Objects that it shows, each with its box ``{0: box}``.
        relations: Relations that hold in it, between objects that it shows.
    """

    frame: int
    rgb: np.ndarray
    depth: np.ndarray
    ids: np.ndarray
    objects: list[SceneObject]
    relations: list[Relation]


def image_of(recording: Recording, frame: int) -> FrameImage:
    """Return a frame of a recording."""
    graph: SceneGraph = recording.scene_graph
    objects = []
    for item in graph.objects:
        box = item.tube.boxes().get(frame)
        if box is not None:
            objects.append(
                SceneObject(item.id, item.category, item.is_thing, boxes={0: box})
            )
    shown = {item.id for item in objects}
    relations = [
        Relation(row.subject, row.predicate, row.object, [(0, 0)])
        for row in graph.relations
        if {row.subject, row.object} <= shown
        and any(start <= frame <= end for start, end in row.span)
    ]
    return FrameImage(
        frame,
        recording.rgb[frame],
        recording.depth[frame],
        recording.instance_ids[frame],
        objects,
        relations,
    )


def spread_frames(num_frames: int, count: int) -> list[int]:
    """Return the middle frames of as many equal parts of a video."""
    count = min(count, num_frames)
    return [(2 * i + 1) * num_frames // (2 * count) for i in range(count)]


def encode_millimetres(depth: np.ndarray) -> np.ndarray:
    """Return depth as 16-bit millimetres; what is beyond them is unknown.

    Args:
        depth: ``[..., H, W]`` metres, 0 = unknown.
    """
    millimetres = np.rint(depth.astype(np.float64) * 1000)
    return np.where(millimetres <= 65535, millimetres, 0).astype(np.uint16)
