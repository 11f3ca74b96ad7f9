"""Writer of recordings in the layout of PSG4D-HOI."""

from collections import Counter
from pathlib import Path

import av
import numpy as np
from PIL import Image

from .images import encode_millimetres
from .layout_writer import LayoutWriter
from .recording import Recording
from .vocabulary import CATEGORIES

FOLDERS = ('HOI4D_release', 'HOI4D_depth_video', 'HOI4D_mask')


class PSG4DHOIWriter(LayoutWriter):
    """Writes ``psg4d_hoi.json``, ``categories.json`` and the files of each video.

    As there: JPEG images, transposed masks whose values are ``class + 1000 *
    instance``, and depth in millimetres as FFV1 video of 16-bit grey.

    Args:
        root: The data set's folder.
        fingerprint: What the videos depend on besides their seeds.
    """

    annotation = 'psg4d_hoi.json'

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's folders."""
        return [f'{folder}/{video_id}' for folder in FOLDERS]

    def write_files(self, folder: Path, recording: Recording) -> dict:
        """Write a video's files; return its record of the annotation."""
        graph = recording.scene_graph
        places = self.places(graph.video_id, recording.seed)
        images, depths, masks = (
            folder / place / name
            for place, name in zip(
                places, ('align_rgb', 'align_depth', 'mask'), strict=True
            )
        )
        for place in (images, depths, masks):
            place.mkdir(parents=True)
        mask_ids, seen = {}, Counter()
        for item in graph.objects:
            mask_ids[item.id] = (
                CATEGORIES.index(item.category) + 1 + 1000 * seen[item.category]
            )
            seen[item.category] += 1
        for frame, (rgb, ids) in enumerate(
            zip(recording.rgb, recording.instance_ids, strict=True)
        ):
            Image.fromarray(rgb).save(images / f'{frame:05d}.jpg', quality=95)
            stored = np.zeros_like(ids)
            for object_id, mask_id in mask_ids.items():
                stored[ids == object_id] = mask_id
            np.savez_compressed(masks / f'{frame:05d}.npz', array=stored.T)
        write_depth_video(
            depths / 'depth_video.avi',
            encode_millimetres(recording.depth),
            recording.fps,
        )
        return dict(
            video_id=graph.video_id,
            object=[
                dict(object_id=object_id, mask_id=mask_id)
                for object_id, mask_id in mask_ids.items()
            ],
            relations=[
                [row.subject, row.object, row.predicate, start, end]
                for row in graph.relations
                for start, end in row.span
            ],
        )

    def write_annotation(self, splits: dict[str, list[dict]]) -> dict:
        """Write the annotation; return it."""
        categories = {str(i + 1): name for i, name in enumerate(CATEGORIES)}
        self.write_json('categories.json', categories)
        content = dict(
            data=[row for rows in splits.values() for row in rows],
            split={
                name: [row['video_id'] for row in rows] for name, rows in splits.items()
            },
        )
        self.write_json(self.annotation, content)
        return content


def write_depth_video(path: Path, frames: np.ndarray, fps: int) -> None:
    """Write 16-bit grey frames without loss.

    Args:
        path: The file (.avi).
        frames: uint16 ``[F, H, W]``.
        fps: Frames a second.
    """
    with av.open(f'file:{path}', 'w') as container:
        stream = container.add_stream('ffv1', rate=fps)
        stream.height, stream.width = frames.shape[1:]
        stream.pix_fmt = 'gray16le'
        for frame in frames:
            image = av.VideoFrame.from_ndarray(frame, format='gray16le')
            container.mux(stream.encode(image))
        container.mux(stream.encode())
