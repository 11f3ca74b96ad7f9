"""Writer of frames of recordings in the layout of DIML."""

from pathlib import Path

from PIL import Image

from .images import encode_millimetres, spread_frames
from .layout_writer import LayoutWriter
from .recording import Recording


class DIMLWriter(LayoutWriter):
    """Writes pairs of RGB and depth in the layout of DIML's sample release.

    There is no annotation; a split is a folder, so a video's split has to be known
    when it is written.

    Args:
        root: The data set's folder.
        fingerprint: What the videos depend on besides their seeds.
        num_frames: Frames of a video.
        split: ``train`` or ``test``.
        num_images: Images of a video, evenly spread.
    """

    def __init__(
        self,
        root: str | Path,
        fingerprint: str,
        num_frames: int,
        split: str,
        num_images: int = 1,
    ) -> None:
        # Data on disk are recognised by it, whatever an image is called here.
        super().__init__(root, f'{fingerprint} {num_images} stills')
        self.frames = spread_frames(num_frames, num_images)
        self.split = split
        self.annotation = f'.complete_{split}.json'

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's images and depth maps."""
        folder = f'indoor/{self.split}/LR/01. Tabletop'
        names = [f'in_00_{1000 * seed + frame}' for frame in self.frames]
        return [
            place
            for name in names
            for place in (
                f'{folder}/color/{name}_c.png',
                f'{folder}/depth_filled/{name}_depth_filled.png',
            )
        ]

    def write_files(self, folder: Path, recording: Recording) -> list[str]:
        """Write a video's files; return them."""
        places = self.places(recording.scene_graph.video_id, recording.seed)
        for index, frame in enumerate(self.frames):
            image, depth = (folder / place for place in places[2 * index :][:2])
            for path in (image, depth):
                path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(recording.rgb[frame]).save(image)
            stored = encode_millimetres(recording.depth[frame])
            Image.fromarray(stored).save(depth)
        return places

    def write_annotation(self, splits: dict[str, list[list[str]]]) -> dict:
        """Write which files there are; return it."""
        content = {
            split: [place for places in videos for place in places]
            for split, videos in splits.items()
        }
        self.write_json(self.annotation, content)
        return content
