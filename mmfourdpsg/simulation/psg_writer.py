"""Writes frames of recordings in the layout of PSG."""

from pathlib import Path

import numpy as np
from PIL import Image

from .layout_writer import LayoutWriter
from .recording import Recording
from .stills import Still, spread_frames, still_of
from .vocabulary import CATEGORIES, PREDICATES, STUFF_CATEGORIES

FOLDERS = ('coco/train2017', 'coco/panoptic_train2017')
THINGS = [name for name in CATEGORIES if name not in STUFF_CATEGORIES]
NAMES = [*THINGS, *STUFF_CATEGORIES]


class PSGWriter(LayoutWriter):
    """Writes ``psg/psg.json``, pictures and panoptic PNGs.

    A video gives as many pictures as ``stills``; each is named by seed and frame.
    Relations are those that hold in it. The split ``val`` is PSG's test.

    Args:
        root: The data set's folder.
        fingerprint: What the videos depend on besides their seeds.
        num_frames: Frames of a video.
        stills: Pictures of a video, evenly spread.
    """

    annotation = 'psg/psg.json'

    def __init__(
        self, root: str | Path, fingerprint: str, num_frames: int, stills: int = 1
    ) -> None:
        super().__init__(root, f'{fingerprint} {stills} stills')
        self.frames = spread_frames(num_frames, stills)

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's pictures and masks."""
        return [
            f'{folder}/{name}'
            for frame in self.frames
            for folder, name in zip(FOLDERS, self._names(seed, frame), strict=True)
        ]

    def write_files(self, folder: Path, recording: Recording) -> list[dict]:
        """Write a video's files; return its images' records of the annotation."""
        for place in FOLDERS:
            (folder / place).mkdir(parents=True)
        records = []
        for frame in self.frames:
            still = still_of(recording, frame)
            picture, mask = self._names(recording.seed, frame)
            Image.fromarray(still.rgb).save(folder / FOLDERS[0] / picture, quality=95)
            colours = [still.ids % 256, still.ids // 256 % 256, still.ids // 65536]
            colours = np.stack(colours, axis=-1).astype(np.uint8)
            Image.fromarray(colours).save(folder / FOLDERS[1] / mask)
            records.append(self._record(still, recording.seed))
        return records

    def write_annotation(self, splits: dict[str, list[list[dict]]]) -> dict:
        """Write the annotation; return it."""
        images = {
            split: [image for video in videos for image in video]
            for split, videos in splits.items()
        }
        content = dict(
            data=[image for rows in images.values() for image in rows],
            thing_classes=THINGS,
            stuff_classes=list(STUFF_CATEGORIES),
            predicate_classes=list(PREDICATES),
            test_image_ids=[image['image_id'] for image in images.get('val', ())],
        )
        self.write_json(self.annotation, content)
        return content

    @staticmethod
    def _names(seed: int, frame: int) -> tuple[str, str]:
        name = f'{1000 * seed + frame:012d}'
        return f'{name}.jpg', f'{name}.png'

    def _record(self, still: Still, seed: int) -> dict:
        picture, mask = self._names(seed, still.frame)
        place = {item.id: index for index, item in enumerate(still.objects)}
        classes = [NAMES.index(item.category) for item in still.objects]
        return dict(
            image_id=str(1000 * seed + still.frame),
            coco_image_id=str(1000 * seed + still.frame),
            file_name=f'train2017/{picture}',
            pan_seg_file_name=f'panoptic_train2017/{mask}',
            height=still.rgb.shape[0],
            width=still.rgb.shape[1],
            segments_info=[
                dict(
                    id=item.id,
                    category_id=category,
                    isthing=int(item.is_thing),
                    iscrowd=0,
                    area=int((still.ids == item.id).sum()),
                )
                for item, category in zip(still.objects, classes, strict=True)
            ],
            annotations=[
                dict(bbox=list(item.boxes[0]), bbox_mode=0, category_id=category)
                for item, category in zip(still.objects, classes, strict=True)
            ],
            relations=[
                [place[row.subject], place[row.object], PREDICATES.index(row.predicate)]
                for row in still.relations
            ],
        )
