"""Data set VG150: Visual Genome in the scene graph generation benchmark's form."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject

from .array_archive import ArrayArchive
from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset

SPLITS = dict(train=0, test=2)


class _Image(msgspec.Struct):
    image_id: int
    width: int
    height: int


class _Words(msgspec.Struct):
    idx_to_label: dict[str, str]
    idx_to_predicate: dict[str, str]


@DATASETS.register_module()
class VisualGenomeSGGDataset(SceneGraphVideoDataset):
    """VG150: ``VG-SGG-with-attri.h5``, its dictionaries and ``image_data.json``.

    Row ``i`` of the archive is image ``i`` of the list without the damaged ones. Boxes
    ``boxes_1024`` are ``(cx, cy, w, h)`` in an image whose longer side is 1024;
    labels and predicates count from 1; relationships name rows of all boxes;
    ``split`` is 0 in training and 2 in testing. An object's id is its row, counted
    from 1 in its image.

    Needs ``h5py`` (``pip install mmfourdpsg[vg]``).

    Args:
        dictionaries: Name of the file of labels and predicates, beside the archive.
        image_list: Name of the list of images, beside the archive.
        corrupt_images: Ids of images that the list has and the archive has not.
        **kwargs: As for :class:`SceneGraphVideoDataset`.
    """

    source = 'https://github.com/KaihuaTang/Scene-Graph-Benchmark.pytorch'
    packages = dict(h5py="pip install 'mmfourdpsg[vg]'")
    ann_files = ('VG-SGG-with-attri.h5', 'VG-SGG.h5')
    needs_boxes = True
    prefixes = dict(rgb=('VG_100K', 'images'))

    def __init__(
        self,
        *args: Any,
        dictionaries: str = 'VG-SGG-dicts-with-attri.json',
        image_list: str = 'image_data.json',
        corrupt_images: tuple[int, ...] = (1592, 1722, 4616, 4617),
        **kwargs: Any,
    ) -> None:
        self.dictionaries = dictionaries
        self.image_list = image_list
        self.corrupt_images = frozenset(corrupt_images)
        super().__init__(*args, **kwargs)

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one an image."""
        folder = Path(self.ann_file).parent
        words = RecordFile(folder / self.dictionaries, _Words).content
        self._words = words.idx_to_label, words.idx_to_predicate
        self.set_metainfo(
            dict(
                thing_classes=words.idx_to_label.values(),
                predicates=words.idx_to_predicate.values(),
            )
        )
        images = RecordFile(folder / self.image_list, list[_Image]).content
        images = [row for row in images if row.image_id not in self.corrupt_images]
        archive = ArrayArchive(self.ann_file)
        keys = [
            f'img_to_{end}_{kind}'
            for kind in ('box', 'rel')
            for end in ('first', 'last')
        ]
        ranges = np.stack([archive.read(key, len(images)) for key in keys], axis=1)
        wanted = np.ones(len(images), bool)
        if self.split != 'all':
            if self.split not in SPLITS:
                archive.fail('split', f'has no {self.split!r}, expected {list(SPLITS)}')
            wanted = archive.read('split', len(images)) == SPLITS[self.split]
        boxes = archive.read('boxes_1024')
        tables = (
            boxes,
            archive.read('labels', len(boxes)).reshape(-1),
            archive.read('relationships'),
            archive.read('predicates').reshape(-1),
        )
        for index in np.flatnonzero(wanted):
            yield self._entry(archive, images[index], ranges[index].tolist(), *tables)

    def _entry(
        self,
        archive: ArrayArchive,
        image: _Image,
        ranges: list[int],
        boxes: np.ndarray,
        labels: np.ndarray,
        pairs: np.ndarray,
        predicates: np.ndarray,
    ) -> dict:
        first, last, first_pair, last_pair = ranges
        where = f'image {image.image_id}'
        if last >= len(boxes) or last_pair >= len(pairs):
            archive.fail(where, 'names rows beyond the end of the tables')
        scale = max(image.height, image.width) / 1024
        objects = []
        # Images without boxes have -1 for both ends.
        for row in range(first, last + 1) if first >= 0 else ():
            x, y, width, height = (boxes[row] * scale).tolist()
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            category = self._label(archive, where, labels[row])
            objects.append(SceneObject(row - first + 1, category, boxes={0: box}))
        relations = []
        for row in range(first_pair, last_pair + 1) if first_pair >= 0 else ():
            subject, other = (pairs[row] - first + 1).tolist()
            predicate = self._words[1].get(str(predicates[row]))
            if predicate is None:
                name = f'predicate {predicates[row]}'
                self.builder.leave_out(archive, where, f'relation {row}', name)
                continue
            relations.append(Relation(subject, predicate, other, [(0, 0)]))
        video_id, size = str(image.image_id), (image.height, image.width)
        return dict(
            video_id=video_id,
            num_frames=1,
            fps=None,
            scene_graph=self.build_scene_graph(
                archive, where, video_id, 1, objects, relations, size
            ),
            rgb_path=self.directory('rgb'),
            rgb_names=[f'{video_id}.jpg'],
        )

    def _label(self, archive: ArrayArchive, where: str, index: int) -> str:
        label = self._words[0].get(str(index))
        if label is None:
            archive.fail(where, f'has the label {index}, which the dictionaries lack')
        return label
