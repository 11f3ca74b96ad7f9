"""Data set Action Genome (Ji et al., CVPR 2020)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import Relation, SceneObject, span_from_frames

from .annotation_file import AnnotationFile
from .restricted_pickle import load_pickle
from .scene_graph_video_dataset import SceneGraphVideoDataset

# Which end a type of relation starts from.
DIRECTIONS = dict(
    attention_relationship='person',
    spatial_relationship='object',
    contacting_relationship='person',
)
PERSON = 1


class _Pickle(AnnotationFile):
    """A pickled annotation whose faults are told by file and place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = self.check(load_pickle(path), dict, 'top level')


@DATASETS.register_module()
class ActionGenomeDataset(SceneGraphVideoDataset):
    """Action Genome: annotated frames of videos of Charades.

    ``annotations/object_bbox_and_relationship.pkl`` maps ``<video>/<frame>.png`` to
    the objects around the person, with boxes ``(x, y, w, h)`` where visible;
    ``person_bbox.pkl`` to detections ``(x1, y1, x2, y2)`` of the person, of which the
    first is taken, and which may be none. The files are ``frames/<video>/%06d.png``.
    Pickles are read through an allow-list: they cannot run anything.

    A video's frames are its annotated ones, in their order; a relation's span is those
    in which it is listed. There is one object of a class in a video. Attention and
    contact lead from the person to the object, spatial relations from the object to
    the person. ``_`` in a predicate becomes a space; classes are as the pickle writes
    them (``cup/glass/bottle``).

    Splits are ``train`` and ``test``, as in each object's ``metadata``, and ``all``.

    Args:
        require_person: Leave frames without a detected person out, as STTran does.
        min_frames: Leave videos with fewer annotated frames out; STTran has 3.
        **kwargs: As for :class:`SceneGraphVideoDataset`.
    """

    source = 'https://github.com/JingweiJ/ActionGenome'
    companions = ('person_bbox.pkl',)
    ann_files = (
        'annotations/object_bbox_and_relationship.pkl',
        'object_bbox_and_relationship.pkl',
    )
    prefixes = dict(rgb=('frames',))

    def __init__(
        self,
        *args: Any,
        require_person: bool = False,
        min_frames: int = 1,
        **kwargs: Any,
    ) -> None:
        self.require_person = require_person
        self.min_frames = min_frames
        super().__init__(*args, **kwargs)

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one a video."""
        objects = _Pickle(Path(self.ann_file))
        people = _Pickle(Path(self.ann_file).with_name('person_bbox.pkl'))
        videos: dict[str, list[tuple[int, str]]] = defaultdict(list)
        splits: dict[str, dict[str, None]] = defaultdict(dict)
        for key, items in objects.content.items():
            place = f'key {key!r:.80}'
            path = re.fullmatch(r'(.+)/(\d{1,9})\.\w+', objects.file_name(key, place))
            if not path:
                objects.fail(place, 'expected <video>/<number>.png')
            for item in objects.check(items, list, place):
                metadata = objects.check(item, dict, place).get('metadata') or {}
                splits[str(metadata.get('set', 'train'))].setdefault(path[1])
            box = self._person(people, key)
            if box is None and self.require_person:
                self.count('frames without a person left out')
                continue
            videos[path[1]].append((int(path[2]), key))
        short = [name for name, rows in videos.items() if len(rows) < self.min_frames]
        self.count('videos with too few frames left out', len(short))
        for name in short:
            del videos[name]
        found = {
            split: [name for name in names if name in videos]
            for split, names in splits.items()
        }
        for name in objects.videos_of_split(self.split, found, videos):
            keys = [key for _, key in sorted(videos[name])]
            yield self._entry(objects, people, name, keys)

    def _entry(
        self, objects: _Pickle, people: _Pickle, name: str, keys: list[str]
    ) -> dict:
        person = SceneObject(PERSON, 'person', boxes={})
        found: dict[str, SceneObject] = {}
        frames: dict[tuple[int, str, int], list[int]] = defaultdict(list)
        for frame, key in enumerate(keys):
            box = self._person(people, key)
            if box is not None:
                person.boxes[frame] = box
            for index, row in enumerate(objects.content[key]):
                where = f'{key}[{index}]'
                category = objects.get(row, 'class', str, where)
                new = SceneObject(len(found) + PERSON + 1, category, boxes={})
                item = found.setdefault(category, new)
                if row.get('visible', True) and row.get('bbox') is not None:
                    x, y, w, h = self._numbers(objects, row['bbox'], f'{where}.bbox')
                    item.boxes[frame] = (x, y, x + w, y + h)
                for kind, start in DIRECTIONS.items():
                    ends = (PERSON, item.id) if start == 'person' else (item.id, PERSON)
                    for label in row.get(kind) or []:
                        label = objects.check(label, str, f'{where}.{kind}')
                        frames[ends[0], label.replace('_', ' '), ends[1]].append(frame)
        relations = [
            Relation(subject, predicate, other, span_from_frames(holds))
            for (subject, predicate, other), holds in frames.items()
        ]
        sizes = ((people.content.get(key) or {}).get('bbox_size') for key in keys)
        known = next((size for size in sizes if size is not None), (1, 1))
        width, height = (int(side) for side in known)
        return dict(
            video_id=name,
            num_frames=len(keys),
            fps=self.fps,
            scene_graph=self.build_scene_graph(
                objects,
                name,
                name,
                len(keys),
                [person, *found.values()],
                relations,
                (height, width),
            ),
            rgb_path=self.directory('rgb', name),
            rgb_names=[key.rpartition('/')[2] for key in keys],
        )

    def _person(self, people: _Pickle, key: str) -> tuple | None:
        boxes = (people.content.get(key) or {}).get('bbox')
        if boxes is None or len(boxes) == 0:
            return None
        return self._numbers(people, boxes[0], f'{key}.bbox[0]')

    @staticmethod
    def _numbers(file: _Pickle, box: Any, where: str) -> tuple:
        try:
            numbers = tuple(float(value) for value in box)
        except (TypeError, ValueError):
            numbers = ()
        if len(numbers) != 4 or not np.isfinite(numbers).all():
            file.fail(where, f'expected four numbers, found {box!r:.60}')
        return numbers
