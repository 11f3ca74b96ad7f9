"""Writer of recordings in the layout of PSG4D-GTA."""

from pathlib import Path

import cv2
import numpy as np

from mmfourdpsg.structures import SceneGraph

from .layout_writer import LayoutWriter
from .recording import Recording
from .vocabulary import CATEGORIES, STUFF_CATEGORIES

FOLDERS = ('images', 'depth', 'masks', 'rage_matrices')
ANNOTATION = 'sailvos3d.json'
NEAR = 0.05


class PSG4DGTAWriter(LayoutWriter):
    """Writes ``sailvos3d.json`` and the files of each video.

    Depth is stored as the game's buffer is: ``d = 6 (z + 4e-5)`` for a clip coordinate
    ``z = near / depth`` of a projection whose inverse is kept with each frame.

    Args:
        root: The data set's folder, e.g. ``data/tabletop/psg4d_gta``.
        fingerprint: What the videos depend on besides their seeds.
    """

    annotation = ANNOTATION

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's folders."""
        return [f'{folder}/{video_id}' for folder in FOLDERS]

    def write_files(self, folder: Path, recording: Recording) -> dict:
        """Write a video's files; return its record of the annotation."""
        video_id = recording.scene_graph.video_id
        images, depths, masks, matrices = (
            folder / place for place in self.places(video_id, recording.seed)
        )
        for place in (images, depths, masks, matrices):
            place.mkdir(parents=True)
        height, width = recording.rgb.shape[1:3]
        p_inv = inverse_projection(recording.focal_length, height, width)
        for frame, (rgb, depth, ids) in enumerate(
            zip(recording.rgb, recording.depth, recording.instance_ids, strict=True)
        ):
            name = f'{frame:06d}'
            cv2.imwrite(str(images / f'{name}.bmp'), rgb[..., ::-1])
            np.save(depths / f'{name}.npy', encode_depth(depth))
            np.save(masks / f'{name}.npy', ids.astype(np.int32))
            np.savez(matrices / f'{name}.npz', P=np.linalg.inv(p_inv), P_inv=p_inv)
        return _annotation(recording.scene_graph, recording.fps)

    def write_annotation(self, splits: dict[str, list[dict]]) -> dict:
        """Write the annotation; return it."""
        content = dict(
            objects=dict(
                thing=[name for name in CATEGORIES if name not in STUFF_CATEGORIES],
                stuff=list(STUFF_CATEGORIES),
            ),
            split={
                name: [row['video_id'] for row in rows] for name, rows in splits.items()
            },
            data=[row for rows in splits.values() for row in rows],
        )
        self.write_json(ANNOTATION, content)
        return content


def inverse_projection(focal_length: float, height: int, width: int) -> np.ndarray:
    """Return the inverse projection ``[4, 4]`` for row vectors.

    Camera coordinates have x to the right, y up and z towards the camera; the clip
    coordinate z is ``NEAR / depth``, hence 0 for the sky.

    Args:
        focal_length: In pixels.
        height: Rows in pixels.
        width: Columns in pixels.
    """
    projection = np.zeros((4, 4))
    projection[0, 0] = 2 * focal_length / width
    projection[1, 1] = 2 * focal_length / height
    projection[3, 2] = NEAR
    projection[2, 3] = -1
    return np.linalg.inv(projection)


def encode_depth(depth: np.ndarray) -> np.ndarray:
    """Store depth as SAIL-VOS 3D does.

    Args:
        depth: ``[H, W]`` metres, 0 = unknown.

    Returns:
        float32 ``[H, W]``; unknown depth becomes the sky's value 24e-5.
    """
    z = np.divide(NEAR, depth, out=np.zeros(depth.shape), where=depth > 0)
    return (6 * (z + 4e-5)).astype(np.float32)


def _annotation(graph: SceneGraph, fps: int) -> dict:
    return dict(
        video_id=graph.video_id,
        object=[
            dict(object_id=item.id, category=item.category) for item in graph.objects
        ],
        relations=[
            [relation.subject, relation.predicate, relation.object, [start, end]]
            for relation in graph.relations
            for start, end in relation.span
        ],
        meta=dict(
            num_frames=graph.num_frames,
            fps=fps,
            height=graph.height,
            width=graph.width,
        ),
    )
