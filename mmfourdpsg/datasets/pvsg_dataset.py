"""Data set PVSG (Yang et al., Panoptic Video Scene Graph Generation, 2023)."""

from typing import Any

import msgspec

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject

from .annotation_file import AnnotationFile
from .pvsg_captions import caption_of_object, caption_of_relation, read_captions
from .record_file import RecordFile
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Meta(msgspec.Struct):
    height: int
    width: int
    num_frames: int
    fps: float | None = None


class _Object(msgspec.Struct):
    object_id: int
    category: str
    is_thing: bool | None = None


class _Video(msgspec.Struct):
    video_id: str
    meta: _Meta
    objects: list[_Object] | None
    relations: list[tuple[int, int, str, list[tuple[int, int]]]] | None = None
    # Captions of any form: one that cannot be read costs no video.
    captions: Any = None


class _Classes(msgspec.Struct):
    thing: list[str]
    stuff: list[str]


class _Annotation(msgspec.Struct):
    objects: _Classes
    relations: list[str]
    split: dict[str, dict[str, list[str]]]
    data: list[_Video]


@DATASETS.register_module()
class PVSGDataset(SceneGraphVideoDataset):
    """PVSG: videos of VidOR, EPIC-KITCHENS and Ego4D.

    ``pvsg.json`` holds ``{objects: {thing, stuff}, relations, split: {source: {train,
    val}}, data}``; the files are ``<source>/frames/<video>/%04d.png`` and
    ``<source>/masks/<video>/%04d.png``, palette images whose pixels are object ids.
    Ranges of a span may overlap, be in any order and pass the end of the video;
    ``relations`` may be null. Of the ``captions``, whose times are frames and which
    name objects by id, comes what an object does (its ``description``) and why two may
    be related (a relation's ``reason``); those that cannot be read are ignored and
    counted in the warning.

    Splits are ``train`` and ``val`` of all sources, those of one source, as
    ``ego4d/val``, a whole source, as ``ego4d``, and ``all``.
    """

    published = dict(all=dict(videos=400, categories=126, predicates=57))
    source = 'https://github.com/LilyDaytoy/OpenPVSG'
    ann_files = ('pvsg.json',)
    prefixes = dict(rgb=('',), mask=('',))
    readers = dict(
        rgb_reader=dict(type='NumberedImageReader', pattern='{:04d}.png'),
        mask_decoder=dict(type='PaletteMaskDecoder', pattern='{:04d}.png'),
    )

    def open_annotation(self) -> AnnotationFile:
        """Return the annotation."""
        return RecordFile(self.ann_file, _Annotation)

    def parse_annotation(
        self, annotation: AnnotationFile
    ) -> tuple[dict, dict[str, list[str]], dict[str, Any]]:
        """Read classes, predicates, splits and where each video's record is."""
        content: _Annotation = annotation.content
        metainfo = dict(
            thing_classes=[name.strip().lower() for name in content.objects.thing],
            stuff_classes=[name.strip().lower() for name in content.objects.stuff],
            predicates=[name.strip().lower() for name in content.relations],
        )
        splits: dict[str, list[str]] = {}
        sources = {}
        for source, parts in content.split.items():
            annotation.file_name(source, f'split.{source}')
            for part, video_ids in parts.items():
                sources.update(dict.fromkeys(video_ids, source))
                for name in (part, source, f'{source}/{part}'):
                    splits.setdefault(name, []).extend(video_ids)
        records: dict[str, tuple] = {}
        for index, video in enumerate(content.data):
            where = f'data[{index}]'
            annotation.file_name(video.video_id, f'{where}.video_id')
            if video.video_id in records:
                annotation.fail(where, f'video {video.video_id!r} occurs twice')
            source = sources.get(video.video_id, '')
            records[video.video_id] = (where, video, source)
        return metainfo, splits, records

    def parse_video(
        self, annotation: AnnotationFile, record: tuple[str, _Video, str]
    ) -> dict:
        """Turn a video's record into an entry of the data list."""
        where, video, source = record
        things = set(self._metainfo['thing_classes'])
        captions, unread = read_captions(video.captions)
        self.count('captions that cannot be read ignored', unread)
        objects = []
        for index, item in enumerate(video.objects or []):
            if item.object_id <= 0:
                annotation.fail(
                    f'{where}.objects[{index}]',
                    f'has the id {item.object_id}, expected one above 0',
                )
            is_thing = item.is_thing
            if is_thing is None:
                is_thing = item.category.strip().lower() in things
            said = caption_of_object(captions, item.object_id, item.category)
            objects.append(
                SceneObject(item.object_id, item.category, is_thing, description=said)
            )
        relations = []
        for index, (subject, other, predicate, span) in enumerate(
            video.relations or []
        ):
            try:
                row = Relation(subject, predicate, other, span)
            except ValueError as error:
                annotation.fail(f'{where}.relations[{index}]', str(error))
            row.reason = caption_of_relation(captions, subject, other, row.span)
            relations.append(row)
        meta = video.meta
        return dict(
            video_id=video.video_id,
            num_frames=meta.num_frames,
            fps=meta.fps or self.fps,
            scene_graph=self.build_scene_graph(
                annotation,
                f'{where} ({video.video_id})',
                video.video_id,
                meta.num_frames,
                objects,
                relations,
                (meta.height, meta.width),
            ),
            rgb_path=self.directory('rgb', f'{source}/frames/{video.video_id}'),
            mask_path=self.directory('mask', f'{source}/masks/{video.video_id}'),
        )
