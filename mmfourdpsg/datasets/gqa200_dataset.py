"""Data set GQA200, the subset of GQA for scene graph generation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject

from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset

TRAIN, TEST = 'GQA_200_Train.json', 'GQA_200_Test.json'
SPLITS = dict(train=(TRAIN,), test=(TEST,), val=(TEST,), all=(TRAIN, TEST))


class _Size(msgspec.Struct):
    width: int
    height: int


class _Rows(msgspec.Struct):
    filenames_all: list[str]
    img_info_all: list[_Size]
    gt_boxes_all: list[list[tuple[float, float, float, float]]]
    gt_classes_all: list[list[int]]
    relationships_all: list[list[tuple[int, int, int]]]


class _Words(msgspec.Struct):
    ind_to_classes: list[str]
    ind_to_predicates: list[str]


@DATASETS.register_module()
class GQA200Dataset(SceneGraphVideoDataset):
    """GQA200: images of GQA with 200 categories and 100 predicates.

    Source: Dong et al., "Stacked Hybrid-Attention and Group Collaborative Learning for
    Unbiased Scene Graph Generation" (CVPR 2022), who cleaned GQA's annotation by hand
    and took the most frequent names of what was left; Table 10's supervised figures are
    of it. Since it was cleaned by hand, no rule makes it of GQA's own files: it is read
    as they publish it.

    ``GQA_200_ID_Info.json`` has the names, from index 1; ``GQA_200_Train.json`` and
    ``GQA_200_Test.json`` have a row an image in each of five lists: the file's name,
    its size, boxes ``(x1, y1, x2, y2)`` in pixels, indices of their categories, and
    relations (subject, object, index of the predicate) between places in the list of
    boxes. An object's id is its place, counted from 1. Images are those of GQA, in
    ``images``.

    Splits are ``train``, ``test``, ``val`` (the first 5,000 images of the test) and
    ``all``. Rows without an object or a relation are not among the data, nor is row
    5,580 of the test, which the published code leaves out. Relations with an object or
    a predicate that is not there are left out, and counted in the warning.

    Args:
        dictionary: Name of the file of names, beside the annotation.
        skipped_rows: Rows of the test file, counted from 0, that are left out.
        **kwargs: As for :class:`SceneGraphVideoDataset`.
    """

    ann_files = (TEST, f'annotations/{TEST}')
    prefixes = dict(rgb=('images', 'allImages/images'))
    needs_boxes = True

    def __init__(
        self,
        *args: Any,
        dictionary: str = 'GQA_200_ID_Info.json',
        skipped_rows: tuple[int, ...] = (5579,),
        **kwargs: Any,
    ) -> None:
        self.dictionary = dictionary
        self.skipped_rows = frozenset(skipped_rows)
        super().__init__(*args, **kwargs)

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one an image."""
        folder = Path(self.ann_file).parent
        words = RecordFile(folder / self.dictionary, _Words)
        self._words = words.content.ind_to_classes, words.content.ind_to_predicates
        for name, names in zip(_Words.__struct_fields__, self._words, strict=True):
            if len(names) < 2:
                words.fail(name, f'has {len(names)} names, expected those from index 1')
        self.set_metainfo(
            dict(thing_classes=self._words[0][1:], predicates=self._words[1][1:])
        )
        if self.split not in SPLITS:
            words.fail('split', f'has no {self.split!r}, expected {list(SPLITS)}')
        for name in SPLITS[self.split]:
            yield from self._entries(RecordFile(folder / name, _Rows), name == TEST)

    def _entries(self, file: RecordFile, is_test: bool) -> Iterator[dict]:
        lists = [getattr(file.content, name) for name in _Rows.__struct_fields__]
        lengths = {len(column) for column in lists}
        if len(lengths) != 1:
            file.fail('top level', f'has lists of {sorted(lengths)} rows, expected one')
        rows = [
            index
            for index in range(lengths.pop())
            if file.content.gt_boxes_all[index]
            and file.content.relationships_all[index]
            and not (is_test and index in self.skipped_rows)
        ]
        if not rows:
            file.fail('top level', 'has no image with objects and relations')
        for index in rows[:5000] if self.split == 'val' else rows:
            yield self._entry(file, index, *(column[index] for column in lists))

    def _entry(
        self,
        file: RecordFile,
        index: int,
        name: str,
        size: _Size,
        boxes: list[tuple],
        labels: list[int],
        triplets: list[tuple[int, int, int]],
    ) -> dict:
        where = f'row {index}'
        name = file.file_name(name, f'{where}: filenames_all')
        if len(labels) != len(boxes):
            file.fail(where, f'has {len(boxes)} boxes and {len(labels)} categories')
        objects = [
            SceneObject(place, self._category(file, where, label), boxes={0: box})
            for place, (box, label) in enumerate(
                zip(boxes, labels, strict=True), start=1
            )
        ]
        predicates, places = self._words[1], range(len(boxes))
        relations = []
        for subject, other, label in triplets:
            if subject in places and other in places and 0 < label < len(predicates):
                row = Relation(subject + 1, predicates[label], other + 1, [(0, 0)])
                relations.append(row)
            else:
                name = f'relation {[subject, other, label]}'
                self.builder.leave_out(file, where, name, 'object or predicate')
        video_id = Path(name).stem
        return dict(
            video_id=video_id,
            num_frames=1,
            fps=None,
            scene_graph=self.build_scene_graph(
                file,
                where,
                video_id,
                1,
                objects,
                relations,
                (size.height, size.width),
            ),
            rgb_path=self.directory('rgb'),
            rgb_names=[name],
        )

    def _category(self, file: RecordFile, where: str, index: int) -> str:
        words = self._words[0]
        if not 0 < index < len(words):
            file.fail(where, f'has the index {index}, expected 1 to {len(words) - 1}')
        return words[index]
