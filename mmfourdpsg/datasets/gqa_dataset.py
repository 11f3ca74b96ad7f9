"""Data set GQA (Hudson and Manning, CVPR 2019)."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject
from mmfourdpsg.utils import InputError

from .attribute_words import attribute_words
from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Relation(msgspec.Struct):
    name: str
    object: int


class _Object(msgspec.Struct):
    name: str
    x: float
    y: float
    w: float
    h: float
    relations: list[_Relation] = []
    attributes: list[str] = []


class _Image(msgspec.Struct):
    width: int
    height: int
    objects: dict[str, _Object]


@DATASETS.register_module()
class GQADataset(SceneGraphVideoDataset):
    """GQA: images of Visual Genome with cleaned scene graphs and boxes.

    ``<split>_sceneGraphs.json`` holds ``{image id: {width, height, objects: {id:
    {name, x, y, w, h, attributes, relations: [{name, object}]}}}}``; images are
    ``images/<image id>.jpg``. Splits are ``train``, ``val`` and ``all`` of them that
    are there.
    """

    published = dict(train=dict(videos=74942), val=dict(videos=10696))
    source = 'https://cs.stanford.edu/people/dorarad/gqa'
    ann_files = ('sceneGraphs', 'annotations', '')
    needs_boxes = True
    prefixes = dict(rgb=('images', 'allImages/images'))

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one an image."""
        seen = set()
        for path in self._files():
            file = RecordFile(path, dict[str, msgspec.Raw])
            for index, (video_id, raw) in enumerate(file.content.items()):
                if video_id in seen:
                    file.fail(video_id, 'the image is in another split, too')
                seen.add(video_id)
                yield self._entry(file, video_id, file.record(raw, _Image, video_id))
                if index % 4096 == 4095:
                    file.forget()

    def _files(self) -> list[Path]:
        splits = ('train', 'val') if self.split == 'all' else (self.split,)
        paths = []
        for split in splits:
            folders = (Path(self.ann_file or self.data_root), Path(self.data_root))
            found = [folder / f'{split}_sceneGraphs.json' for folder in folders]
            paths += [path for path in found if path.is_file()][:1]
        if not paths:
            raise InputError(
                f'{self.data_root}: has no {splits[0]}_sceneGraphs.json, expected the '
                f'annotation of split {self.split!r}'
            )
        return paths

    def _entry(self, file: RecordFile, video_id: str, image: _Image) -> dict:
        file.file_name(video_id, 'top level')
        objects, relations = [], []
        for key, item in image.objects.items():
            if not key.isdecimal():
                file.fail(
                    f'{video_id}.objects', f'has the id {key!r}, expected a number'
                )
            box = (item.x, item.y, item.x + item.w, item.y + item.h)
            attributes = attribute_words(item.attributes)
            objects.append(
                SceneObject(int(key), item.name, boxes={0: box}, attributes=attributes)
            )
            relations += [
                Relation(int(key), row.name, row.object, [(0, 0)])
                for row in item.relations
            ]
        size = (image.height, image.width)
        return dict(
            video_id=video_id,
            num_frames=1,
            fps=None,
            scene_graph=self.build_scene_graph(
                file, video_id, video_id, 1, objects, relations, size
            ),
            rgb_path=self.directory('rgb'),
            rgb_names=[f'{video_id}.jpg'],
        )
