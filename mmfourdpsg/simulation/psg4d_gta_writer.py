"""Writes recordings in the layout of PSG4D-GTA."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError, atomic_write

from .recording import Recording
from .vocabulary import CATEGORIES, STUFF_CATEGORIES

FOLDERS = ('images', 'depth', 'masks', 'rage_matrices')
ANNOTATION = 'sailvos3d.json'
NEAR = 0.05


class PSG4DGTAWriter:
    """Writes ``sailvos3d.json`` and the files of each video.

    A video is written beside its place and then moved there; its record comes last.
    So a stopped run leaves no half video that passes for whole. The annotation, which
    :meth:`finish` writes, names complete videos alone: it goes when one is replaced.

    Depth is stored as the game's buffer is: ``d = 6 (z + 4e-5)`` for a clip coordinate
    ``z = near / depth`` of a projection whose inverse is kept with each frame.

    Args:
        root: The data set's folder, e.g. ``data/tabletop/psg4d_gta``.
        fingerprint: What the videos depend on besides their seeds; a video that was
            written under another one is not reused.
    """

    def __init__(self, root: str | Path, fingerprint: str) -> None:
        self.root = Path(root)
        self.fingerprint = fingerprint

    def has(self, video_id: str, seed: int) -> bool:
        """Return whether a video is there already, whole and from the same seed."""
        record = self._read(video_id)
        return (
            record is not None
            and record['seed'] == seed
            and record['fingerprint'] == self.fingerprint
            and all((self.root / folder / video_id).is_dir() for folder in FOLDERS)
        )

    def write(self, recording: Recording) -> None:
        """Write one video."""
        graph = recording.scene_graph
        self._record_path(graph.video_id).unlink(missing_ok=True)
        (self.root / ANNOTATION).unlink(missing_ok=True)
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix='.video-', dir=self.root))
        try:
            self._write_frames(temporary, recording)
            for folder in FOLDERS:
                place = self.root / folder / graph.video_id
                place.parent.mkdir(exist_ok=True)
                shutil.rmtree(place, ignore_errors=True)
                os.replace(temporary / folder, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        record = dict(
            seed=recording.seed,
            fingerprint=self.fingerprint,
            data=_annotation(graph, recording.fps),
        )
        with atomic_write(self._record_path(graph.video_id)) as path:
            path.write_text(json.dumps(record))

    def finish(self, splits: dict[str, list[str]]) -> dict:
        """Write the annotation of all videos.

        Args:
            splits: Split -> ids of its videos.

        Returns:
            The annotation's content.

        Raises:
            InputError: A video of a split was never written.
        """
        data = []
        for video_ids in splits.values():
            for video_id in video_ids:
                record = self._read(video_id)
                if record is None:
                    raise InputError(f'{self.root}: video {video_id!r} was not written')
                data.append(record['data'])
        content = dict(
            objects=dict(
                thing=[name for name in CATEGORIES if name not in STUFF_CATEGORIES],
                stuff=list(STUFF_CATEGORIES),
            ),
            split=splits,
            data=data,
        )
        with atomic_write(self.root / ANNOTATION) as path:
            path.write_text(json.dumps(content))
        return content

    def _record_path(self, video_id: str) -> Path:
        return self.root / '.records' / f'{video_id}.json'

    def _read(self, video_id: str) -> dict | None:
        try:
            return json.loads(self._record_path(video_id).read_text())
        except (OSError, ValueError):
            return None

    def _write_frames(self, folder: Path, recording: Recording) -> None:
        for name in FOLDERS:
            (folder / name).mkdir()
        height, width = recording.rgb.shape[1:3]
        p_inv = inverse_projection(recording.focal_length, height, width)
        for frame, (rgb, depth, ids) in enumerate(
            zip(recording.rgb, recording.depth, recording.instance_ids, strict=True)
        ):
            name = f'{frame:06d}'
            cv2.imwrite(str(folder / 'images' / f'{name}.bmp'), rgb[..., ::-1])
            np.save(folder / 'depth' / f'{name}.npy', encode_depth(depth))
            np.save(folder / 'masks' / f'{name}.npy', ids.astype(np.int32))
            np.savez(
                folder / 'rage_matrices' / f'{name}.npz',
                P=np.linalg.inv(p_inv),
                P_inv=p_inv,
            )


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
