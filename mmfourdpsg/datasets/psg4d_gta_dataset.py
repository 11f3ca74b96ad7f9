"""Data set PSG4D-GTA (Yang et al., 4D Panoptic Scene Graph Generation, 2023)."""

from typing import Any

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

from .annotation_file import AnnotationFile
from .scene_graph_video_dataset import SceneGraphVideoDataset

# The videos that the published numbers are on; all lie in the val split.
TEST_VIDEOS = (
    'fam_1_ext_alt2',
    'mic_4_int',
    'family_4_mcs_3_concat',
    'maude_mcs_5',
    'maude_mcs_3',
    'maude_mcs_2',
    'maude_mcs_4',
    'sol_1_mcs_1_concat',
    'family_2_mcs_2',
    'fam_6_mcs_1',
    'fin_c_ext',
    'fbi_2_mcs_2',
    'fam_1_mcs_2',
)


@DATASETS.register_module()
class PSG4DGTADataset(SceneGraphVideoDataset):
    """PSG4D-GTA, and whatever else is written in its layout.

    ``sailvos3d.json`` holds ``{objects: {thing, stuff}, split: {name: [video]}, data:
    [{video_id, object: [{object_id, category}], relations: [[subject, predicate,
    object, [first, last]]], meta: {num_frames}}]}``; the files are
    ``images/<video>/%06d.bmp``, ``depth/<video>/%06d.npy``, ``masks/<video>/%06d.npy``
    and ``rage_matrices/<video>/%06d.npz``. A mask's values are object ids; background
    segments are numbered from 1000, so ids exceed 255.

    Splits are those of the annotation, and ``all``. Where it has no split ``test``,
    that is the 13 videos of the published numbers, if all are there.

    ``meta`` may further hold ``fps``, ``height`` and ``width``. A relation's last
    element may also be a list of ranges.

    Args:
        fps: Frames a second; the published 27,700 frames last 67 x 84 s.
        **kwargs: As for :class:`SceneGraphVideoDataset`.

    Raises:
        InputError: The annotation is missing or malformed, or has no such split.
    """

    published = dict(all=dict(videos=67, categories=35, predicates=43))
    source = 'https://github.com/Jingkang50/PSG4D'
    ann_files = ('sailvos3d.json',)
    prefixes = dict(
        rgb=('images',), depth=('depth',), mask=('masks',), camera=('rage_matrices',)
    )
    readers = dict(
        rgb_reader=dict(type='NumberedImageReader', pattern='{:06d}.bmp'),
        depth_decoder=dict(type='SAILVOS3DDepthDecoder'),
        mask_decoder=dict(type='ArrayMaskDecoder'),
    )

    def __init__(self, *args: Any, fps: float | None = 5.0, **kwargs: Any) -> None:
        super().__init__(*args, fps=fps, **kwargs)

    def parse_annotation(
        self, annotation: AnnotationFile
    ) -> tuple[dict, dict[str, list[str]], dict[str, Any]]:
        """Read classes, predicates, splits and where each video's record is."""
        content = annotation.content
        classes = annotation.get(content, 'objects', dict, 'top level')
        things, stuff = (
            [
                annotation.check(name, str, f'objects.{kind}').strip().lower()
                for name in annotation.get(classes, kind, list, 'objects')
            ]
            for kind in ('thing', 'stuff')
        )
        splits = dict(annotation.get(content, 'split', dict, 'top level'))
        for name, video_ids in splits.items():
            for index, video_id in enumerate(
                annotation.check(video_ids, list, f'split.{name}')
            ):
                annotation.check(video_id, str, f'split.{name}[{index}]')
        records: dict[str, tuple[str, dict]] = {}
        predicates = set()
        rows = annotation.get(content, 'data', list, 'top level')
        for index, row in enumerate(rows):
            where = f'data[{index}]'
            video_id = annotation.get(row, 'video_id', str, where)
            annotation.file_name(video_id, f'{where}.video_id')
            if video_id in records:
                annotation.fail(where, f'video {video_id!r} occurs twice')
            records[video_id] = (where, row)
            # Of all splits, so that every split has the same vocabulary.
            for relation in self._relations(annotation, where, row):
                predicates.add(relation.predicate)
        if 'test' not in splits and records.keys() >= set(TEST_VIDEOS):
            splits['test'] = list(TEST_VIDEOS)
        metainfo = dict(
            thing_classes=things, stuff_classes=stuff, predicates=sorted(predicates)
        )
        return metainfo, splits, records

    def parse_video(self, annotation: AnnotationFile, record: tuple[str, dict]) -> dict:
        """Turn a video's record into an entry of the data list."""
        where, row = record
        video_id = row['video_id']
        meta = annotation.get(row, 'meta', dict, where)
        num_frames = annotation.get(meta, 'num_frames', int, f'{where}.meta')
        size = (1, 1)
        if 'height' in meta or 'width' in meta:
            size = tuple(
                annotation.get(meta, key, int, f'{where}.meta')
                for key in ('height', 'width')
            )
        fps = meta.get('fps', self.fps)
        if fps is not None and (type(fps) not in (int, float) or fps <= 0):
            annotation.fail(f'{where}.meta.fps', f'expected a rate, found {fps!r:.60}')
        return dict(
            video_id=video_id,
            num_frames=num_frames,
            fps=fps,
            scene_graph=self._scene_graph(annotation, where, row, num_frames, size),
            rgb_path=self.directory('rgb', video_id),
            depth_path=self.directory('depth', video_id),
            mask_path=self.directory('mask', video_id),
            camera_path=self.directory('camera', video_id),
        )

    def _scene_graph(
        self,
        annotation: AnnotationFile,
        where: str,
        row: dict,
        num_frames: int,
        size: tuple[int, int],
    ) -> SceneGraph:
        things = set(self._metainfo['thing_classes'])
        known = things | set(self._metainfo['stuff_classes'])
        objects = []
        # The published key is singular.
        for index, item in enumerate(annotation.get(row, 'object', list, where)):
            place = f'{where}.object[{index}]'
            object_id = annotation.get(item, 'object_id', int, place)
            if object_id <= 0:
                annotation.fail(place, f'has the id {object_id}, expected one above 0')
            category = annotation.get(item, 'category', str, place).strip().lower()
            if category not in known:
                annotation.fail(
                    place,
                    f'has the category {category!r}, expected one of objects.thing or '
                    'objects.stuff',
                )
            objects.append(SceneObject(object_id, category, category in things))
        relations = self._relations(annotation, where, row)
        return self.build_scene_graph(
            annotation,
            f'{where} ({row["video_id"]})',
            row['video_id'],
            num_frames,
            objects,
            relations,
            size,
        )

    @staticmethod
    def _relations(annotation: AnnotationFile, where: str, row: dict) -> list[Relation]:
        relations = []
        for index, item in enumerate(annotation.get(row, 'relations', list, where)):
            place = f'{where}.relations[{index}]'
            if not isinstance(item, list) or len(item) != 4:
                annotation.fail(
                    place,
                    'expected [subject, predicate, object, [first, last]], found '
                    f'{item!r:.60}',
                )
            subject = annotation.check(item[0], int, f'{place}[0]')
            predicate = annotation.check(item[1], str, f'{place}[1]')
            object_id = annotation.check(item[2], int, f'{place}[2]')
            span = annotation.check(item[3], list, f'{place}[3]')
            ranges = span if span and isinstance(span[0], list) else [span]
            for part in ranges:
                if not (
                    isinstance(part, list)
                    and len(part) == 2
                    and all(type(value) is int for value in part)
                ):
                    annotation.fail(
                        f'{place}[3]', f'expected [first, last], found {span!r:.60}'
                    )
            try:
                relations.append(Relation(subject, predicate, object_id, ranges))
            except ValueError as error:
                annotation.fail(f'{place}[3]', str(error))
        return relations
