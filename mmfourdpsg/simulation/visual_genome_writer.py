"""Writer of frames of recordings in the layout of Visual Genome."""

from pathlib import Path

from PIL import Image

from mmfourdpsg.utils import atomic_write

from .images import image_of, spread_frames
from .layout_writer import LayoutWriter
from .recording import Recording


class VisualGenomeWriter(LayoutWriter):
    """Writes ``image_data.json``, ``objects.json``, ``relationships.json``, images.

    A video gives as many images as ``num_images``; each is named by seed and frame.
    There are boxes and no masks, and ``<split>.txt`` lists the images of a split.

    Args:
        root: The data set's folder.
        fingerprint: What the videos depend on besides their seeds.
        num_frames: Frames of a video.
        num_images: Images of a video, evenly spread.
    """

    annotation = 'image_data.json'

    def __init__(
        self, root: str | Path, fingerprint: str, num_frames: int, num_images: int = 1
    ) -> None:
        # Data on disk are recognised by it, whatever an image is called here.
        super().__init__(root, f'{fingerprint} {num_images} stills')
        self.frames = spread_frames(num_frames, num_images)

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's images."""
        return [f'VG_100K/{1000 * seed + frame}.jpg' for frame in self.frames]

    def write_files(self, folder: Path, recording: Recording) -> list[dict]:
        """Write a video's files; return its images' records of the three files."""
        (folder / 'VG_100K').mkdir()
        records = []
        for frame, place in zip(
            self.frames,
            self.places(recording.scene_graph.video_id, recording.seed),
            strict=True,
        ):
            image = image_of(recording, frame)
            Image.fromarray(image.rgb).save(folder / place, quality=95)
            image_id = 1000 * recording.seed + frame
            objects = {}
            for item in image.objects:
                x1, y1, x2, y2 = item.boxes[0]
                objects[item.id] = dict(
                    # Unlike an instance's, an object's id is unique in all images.
                    object_id=10_000 * image_id + item.id,
                    x=int(x1),
                    y=int(y1),
                    w=int(x2 - x1),
                    h=int(y2 - y1),
                    names=[item.category],
                    synsets=[],
                    merged_object_ids=[],
                )
            relations = [
                dict(
                    relationship_id=100 * image_id + number,
                    predicate=row.predicate,
                    subject=objects[row.subject],
                    object=objects[row.object],
                    synsets=[],
                )
                for number, row in enumerate(image.relations)
            ]
            height, width = image.rgb.shape[:2]
            records.append(
                dict(
                    image=dict(
                        image_id=image_id, width=width, height=height, url=place
                    ),
                    objects=dict(image_id=image_id, objects=list(objects.values())),
                    relations=dict(image_id=image_id, relationships=relations),
                )
            )
        return records

    def write_annotation(self, splits: dict[str, list[list[dict]]]) -> list:
        """Write the annotation; return its list of images."""
        images = {
            split: [image for video in videos for image in video]
            for split, videos in splits.items()
        }
        rows = [image for listed in images.values() for image in listed]
        for split, listed in images.items():
            with atomic_write(self.root / f'{split}.txt') as path:
                ids = [str(image['image']['image_id']) for image in listed]
                path.write_text('\n'.join(ids) + '\n', encoding='utf-8')
        self.write_json('objects.json', [row['objects'] for row in rows])
        self.write_json('relationships.json', [row['relations'] for row in rows])
        # Last, for it says that all are there.
        content = [row['image'] for row in rows]
        self.write_json(self.annotation, content)
        return content
