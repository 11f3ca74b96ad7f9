"""Data set PSG4D-HOI (Yang et al., 4D Panoptic Scene Graph Generation, 2023)."""

import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject
from mmfourdpsg.utils.text_files import read_entries

from .annotation_file import AnnotationFile
from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Meta(msgspec.Struct):
    num_frames: int | None = None


class _Object(msgspec.Struct):
    object_id: int
    mask_id: int


class _Video(msgspec.Struct):
    video_id: str
    object: list[_Object]
    relations: list[tuple[int, int, str, int, int]] | None = None
    meta: _Meta | None = None
    num_frames: int | None = None


class _Annotation(msgspec.Struct):
    data: list[_Video]
    split: dict[str, list[str]] = {}


@DATASETS.register_module()
class PSG4DHOIDataset(SceneGraphVideoDataset):
    """PSG4D-HOI: egocentric RGB-D videos of HOI4D.

    ``psg4d_hoi.json`` holds ``{data: [{video_id, object: [{object_id, mask_id}],
    relations: [[subject, object, predicate, first, last]]}]}``; ``categories.json``
    names classes, and an object's class is ``mask_id % 1000``. A video id is a path of
    HOI4D, or a short id that ``hoi4d_id.json`` maps to one. The files are
    ``HOI4D_release/<path>/align_rgb/%05d.jpg``, ``HOI4D_mask/<path>/mask/%05d.npz``
    and ``HOI4D_depth_video/<path>/align_depth/``, either ``depth_video.avi`` or
    ``%05d.png``.

    Where neither a record nor its ``meta`` has ``num_frames``, the highest number of
    an image or a mask tells it, and 300 where there is none.

    The lists of the published split are not public. ``split`` of the annotation is
    taken if there, else ``<split>.txt`` beside it, one video id a line, else one video
    in five, by a hash of its id, is in ``val`` and the others in ``train``, which a
    warning tells.

    Args:
        stuff_classes: Names of ``categories.json`` that are stuff; the file does not
            tell.
        fps: Frames a second.
        **kwargs: As for :class:`SceneGraphVideoDataset`.
    """

    published = dict(all=dict(videos=2973, categories=46, predicates=15))
    source = 'https://github.com/Jingkang50/PSG4D and https://hoi4d.github.io'
    ann_files = ('psg4d_hoi.json',)
    companions = ('categories.json',)
    prefixes = dict(
        rgb=('HOI4D_release',), depth=('HOI4D_depth_video',), mask=('HOI4D_mask',)
    )
    readers = dict(
        rgb_reader=dict(type='NumberedImageReader', pattern='{:05d}.jpg'),
        depth_decoder=dict(type='HOI4DDepthDecoder'),
        mask_decoder=dict(type='HOI4DMaskDecoder'),
    )

    def __init__(
        self,
        *args: Any,
        stuff_classes: tuple[str, ...] = (),
        fps: float | None = 15.0,
        **kwargs: Any,
    ) -> None:
        self.stuff_classes = frozenset(stuff_classes)
        super().__init__(*args, fps=fps, **kwargs)

    def open_annotation(self) -> AnnotationFile:
        """Return the annotation, and read what lies beside it."""
        folder = Path(self.ann_file).parent
        categories = RecordFile(folder / 'categories.json', dict[str, str]).content
        self._categories = {
            key: value.strip().lower() for key, value in categories.items()
        }
        self._paths = {}
        if (folder / 'hoi4d_id.json').exists():
            paths = RecordFile(folder / 'hoi4d_id.json', dict[str, str])
            self._paths = {
                key: paths.file_name(value, key) for key, value in paths.content.items()
            }
        return RecordFile(self.ann_file, _Annotation)

    def parse_annotation(
        self, annotation: AnnotationFile
    ) -> tuple[dict, dict[str, list[str]], dict[str, Any]]:
        """Read classes, predicates, splits and where each video's record is."""
        names = set(self._categories.values())
        predicates = set()
        records: dict[str, tuple[str, _Video]] = {}
        for index, video in enumerate(annotation.content.data):
            where = f'data[{index}]'
            annotation.file_name(video.video_id, f'{where}.video_id')
            if video.video_id in records:
                annotation.fail(where, f'video {video.video_id!r} occurs twice')
            records[video.video_id] = (where, video)
            predicates.update(row[2].strip().lower() for row in video.relations or [])
        metainfo = dict(
            thing_classes=sorted(names - self.stuff_classes),
            stuff_classes=sorted(names & self.stuff_classes),
            predicates=sorted(predicates),
        )
        return metainfo, self._splits(annotation, records), records

    def parse_video(
        self, annotation: AnnotationFile, record: tuple[str, _Video]
    ) -> dict:
        """Turn a video's record into an entry of the data list."""
        where, video = record
        name = self._paths.get(video.video_id, video.video_id)
        paths = dict(
            rgb_path=self.directory('rgb', f'{name}/align_rgb'),
            depth_path=self.directory('depth', f'{name}/align_depth'),
            mask_path=self.directory('mask', f'{name}/mask'),
        )
        num_frames = video.num_frames or (video.meta and video.meta.num_frames)
        if not num_frames:
            counts = [count_numbered(paths[key]) for key in ('rgb_path', 'mask_path')]
            num_frames = max(counts) or 300
        objects, mask_ids = [], {}
        for index, item in enumerate(video.object):
            place = f'{where}.object[{index}]'
            category = self._categories.get(str(item.mask_id % 1000))
            if category is None:
                annotation.fail(
                    place,
                    f'has the mask_id {item.mask_id} and so the class '
                    f'{item.mask_id % 1000}, of which categories.json knows nothing',
                )
            if item.object_id <= 0:
                annotation.fail(
                    place, f'has the id {item.object_id}, expected one above 0'
                )
            if item.mask_id <= 0:
                annotation.fail(
                    place, f'has the mask_id {item.mask_id}, expected one above 0'
                )
            if item.mask_id in mask_ids:
                self.count('objects have the mask of another one of their video')
            is_thing = category not in self.stuff_classes
            objects.append(SceneObject(item.object_id, category, is_thing))
            mask_ids.setdefault(item.mask_id, item.object_id)
        relations = []
        for index, (*ends, predicate, first, last) in enumerate(video.relations or []):
            try:
                relations.append(Relation(ends[0], predicate, ends[1], [(first, last)]))
            except ValueError as error:
                annotation.fail(f'{where}.relations[{index}]', str(error))
        return dict(
            video_id=video.video_id,
            num_frames=num_frames,
            fps=self.fps,
            scene_graph=self.build_scene_graph(
                annotation,
                f'{where} ({video.video_id})',
                video.video_id,
                num_frames,
                objects,
                relations,
            ),
            mask_ids=mask_ids,
            **paths,
        )

    def _splits(
        self, annotation: AnnotationFile, video_ids: Collection[str]
    ) -> dict[str, list[str]]:
        if annotation.content.split:
            return annotation.content.split
        hashed: dict[str, list[str]] = dict(train=[], val=[])
        for video_id in video_ids:
            digest = hashlib.sha256(video_id.encode()).digest()
            hashed['train' if digest[0] % 5 else 'val'].append(video_id)
        names = self.split.split('+')
        places = {name: Path(self.ann_file).with_name(f'{name}.txt') for name in names}
        listed = {
            name: read_entries(path, 'video ids', video_ids)
            for name, path in places.items()
            if path.exists()
        }
        if any(name in hashed and name not in listed for name in names):
            self.warn(
                'the published split is not public: one video in five, by a hash of '
                'its id, is in val, the others in train'
            )
        return {**hashed, **listed}


def count_numbered(directory: str) -> int:
    """Return one more than the highest number of a file; 0 if there is none."""
    folder = Path(directory)
    if not folder.is_dir():
        return 0
    names = (re.fullmatch(r'(\d{1,9})\.\w+', path.name) for path in folder.iterdir())
    return max((int(name[1]) + 1 for name in names if name), default=0)
