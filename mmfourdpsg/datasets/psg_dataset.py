"""Data set PSG (Yang et al., Panoptic Scene Graph Generation, ECCV 2022)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject

from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Segment(msgspec.Struct):
    id: int
    category_id: int


class _Box(msgspec.Struct):
    bbox: tuple[float, float, float, float]


class _Image(msgspec.Struct):
    image_id: str | int
    file_name: str
    pan_seg_file_name: str
    height: int
    width: int
    segments_info: list[_Segment]
    annotations: list[_Box] = []
    relations: list[tuple[int, int, int]] = []


class _Annotation(msgspec.Struct):
    data: list[msgspec.Raw]
    thing_classes: list[str]
    stuff_classes: list[str]
    predicate_classes: list[str]
    test_image_ids: list[str | int]


@DATASETS.register_module()
class PSGDataset(SceneGraphVideoDataset):
    """PSG: images of COCO with panoptic masks and relations.

    ``psg/psg.json`` holds ``{data, thing_classes, stuff_classes, predicate_classes,
    test_image_ids}``; images and panoptic PNGs lie under ``coco/`` (the PNGs also
    under ``coco/annotations/``). A segment's category counts things first, then
    stuff; its id is the colour ``R + 256 G + 65536 B`` and that of the object here.
    Relations name segments by their position; those of a segment or predicate that is
    not there are left out.

    Some COCO images occur under two image ids, so images are told apart by
    ``image_id``. Repeated triplets are one relation, several predicates of a pair are
    several relations.

    Splits are ``test`` (also ``val``: the published code tests on it), ``train``
    (the rest) and ``all``.
    """

    published = dict(all=dict(videos=48749, categories=133, predicates=56))
    source = 'https://github.com/Jingkang50/OpenPSG and https://cocodataset.org'
    ann_files = ('psg/psg.json', 'psg.json')
    prefixes = dict(
        rgb=('coco/*2017', '*2017', 'coco'),
        mask=(
            'coco/annotations/panoptic_*2017',
            'coco/panoptic_*2017',
            'annotations/panoptic_*2017',
            'panoptic_*2017',
            'coco',
        ),
    )
    readers = dict(mask_decoder=dict(type='ColourMaskDecoder'))

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one an image."""
        file = RecordFile(self.ann_file, _Annotation)
        content = file.content
        names = ('thing_classes', 'stuff_classes', 'predicate_classes')
        things, stuff, predicates = (
            [name.strip().lower() for name in getattr(content, key)] for key in names
        )
        self.set_metainfo(
            dict(thing_classes=things, stuff_classes=stuff, predicates=predicates)
        )
        tested = {str(image_id) for image_id in content.test_image_ids}
        images = {}
        for where, image in file.records(content.data, _Image, 'data'):
            video_id = str(image.image_id)
            if video_id in images:
                file.fail(where, f'image {video_id!r} occurs twice')
            images[video_id] = (where, image) if self._wants(video_id, tested) else None
        splits = dict(
            train=[key for key in images if key not in tested],
            test=[key for key in images if key in tested],
        )
        splits['val'] = splits['test']
        for video_id in file.videos_of_split(self.split, splits, images):
            yield self._entry(file, *images[video_id])

    def _wants(self, video_id: str, tested: set[str]) -> bool:
        names = set(self.split.split('+'))
        if 'all' in names:
            return True
        return bool(names - {'train'}) if video_id in tested else 'train' in names

    def _entry(self, file: RecordFile, where: str, image: _Image) -> dict:
        video_id, size = str(image.image_id), (image.height, image.width)
        things, stuff, predicates = (
            self._metainfo[key]
            for key in ('thing_classes', 'stuff_classes', 'predicates')
        )
        categories = [*things, *stuff]
        objects = []
        for index, segment in enumerate(image.segments_info):
            place = f'{where}.segments_info[{index}]'
            if segment.id <= 0:
                file.fail(place, f'has the id {segment.id}, expected one above 0')
            if not 0 <= segment.category_id < len(categories):
                file.fail(
                    place,
                    f'has the category_id {segment.category_id}, expected one below '
                    f'{len(categories)}',
                )
            category = categories[segment.category_id]
            objects.append(
                SceneObject(segment.id, category, segment.category_id < len(things))
            )
        if image.annotations and len(image.annotations) != len(objects):
            file.fail(
                where,
                f'has {len(image.annotations)} annotations, expected {len(objects)}, '
                'one a segment',
            )
        for item, annotation in zip(objects, image.annotations, strict=False):
            item.boxes = {0: annotation.bbox}
        relations = []
        for index, (subject, other, predicate) in enumerate(image.relations):
            row = (
                ('segment', subject, objects),
                ('segment', other, objects),
                ('predicate', predicate, predicates),
            )
            lacking = [
                f'{what} {number} of {len(items)}'
                for what, number, items in row
                if not 0 <= number < len(items)
            ]
            if lacking:
                place = f'{where}.relations[{index}]'
                self.builder.leave_out(file, place, 'it', ', '.join(lacking))
                continue
            relations.append(
                Relation(
                    objects[subject].id,
                    predicates[predicate],
                    objects[other].id,
                    [(0, 0)],
                )
            )
        graph = self.build_scene_graph(
            file, f'{where} ({video_id})', video_id, 1, objects, relations, size
        )
        rgb, mask = (
            PurePosixPath(file.file_name(name, f'{where}.{key}'))
            for key, name in (
                ('file_name', image.file_name),
                ('pan_seg_file_name', image.pan_seg_file_name),
            )
        )
        return dict(
            video_id=video_id,
            num_frames=1,
            fps=None,
            scene_graph=graph,
            rgb_path=self.directory('rgb', str(rgb.parent)),
            rgb_names=[rgb.name],
            mask_path=self.directory('mask', str(mask.parent)),
            mask_names=[mask.name],
        )
