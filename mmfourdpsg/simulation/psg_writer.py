"""Writer of frames of recordings in the layout of PSG."""

from pathlib import Path

import numpy as np
from PIL import Image

from .images import FrameImage, image_of, spread_frames
from .layout_writer import LayoutWriter
from .recording import Recording
from .vocabulary import CATEGORIES, PREDICATES, STUFF_CATEGORIES

FOLDERS = ('coco/train2017', 'coco/panoptic_train2017')
THINGS = [name for name in CATEGORIES if name not in STUFF_CATEGORIES]
NAMES = [*THINGS, *STUFF_CATEGORIES]


class PSGWriter(LayoutWriter):
    """Writes ``psg/psg.json``, images and panoptic PNGs.

    A video gives as many images as ``num_images``; each is named by seed and frame.
    Relations are those that hold in it. The split ``val`` is PSG's test.

    Args:
        root: The data set's folder.
        fingerprint: What the videos depend on besides their seeds.
        num_frames: Frames of a video.
        num_images: Images of a video, evenly spread.
    """

    annotation = 'psg/psg.json'

    def __init__(
        self, root: str | Path, fingerprint: str, num_frames: int, num_images: int = 1
    ) -> None:
        # Data on disk are recognised by it, whatever an image is called here.
        super().__init__(root, f'{fingerprint} {num_images} stills')
        self.frames = spread_frames(num_frames, num_images)

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's images and masks."""
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
            image = image_of(recording, frame)
            name, mask = self._names(recording.seed, frame)
            Image.fromarray(image.rgb).save(folder / FOLDERS[0] / name, quality=95)
            colours = [image.ids % 256, image.ids // 256 % 256, image.ids // 65536]
            colours = np.stack(colours, axis=-1).astype(np.uint8)
            Image.fromarray(colours).save(folder / FOLDERS[1] / mask)
            records.append(self._record(image, recording.seed))
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

    def _record(self, image: FrameImage, seed: int) -> dict:
        name, mask = self._names(seed, image.frame)
        place = {item.id: index for index, item in enumerate(image.objects)}
        classes = [NAMES.index(item.category) for item in image.objects]
        return dict(
            image_id=str(1000 * seed + image.frame),
            coco_image_id=str(1000 * seed + image.frame),
            file_name=f'train2017/{name}',
            pan_seg_file_name=f'panoptic_train2017/{mask}',
            height=image.rgb.shape[0],
            width=image.rgb.shape[1],
            segments_info=[
                dict(
                    id=item.id,
                    category_id=category,
                    isthing=int(item.is_thing),
                    iscrowd=0,
                    area=int((image.ids == item.id).sum()),
                )
                for item, category in zip(image.objects, classes, strict=True)
            ],
            annotations=[
                dict(bbox=list(item.boxes[0]), bbox_mode=0, category_id=category)
                for item, category in zip(image.objects, classes, strict=True)
            ],
            relations=[
                [place[row.subject], place[row.object], PREDICATES.index(row.predicate)]
                for row in image.relations
            ],
        )
