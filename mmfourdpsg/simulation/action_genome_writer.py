"""Writer of recordings in the layout of Action Genome."""

import pickle
from pathlib import Path

import numpy as np
from PIL import Image

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import atomic_write

from .layout_writer import LayoutWriter
from .recording import Recording

# The gripper is who acts.
PERSON = 'gripper'
ATTENTION = ('reaching for',)
STRIDE = 2


class ActionGenomeWriter(LayoutWriter):
    """Writes the pickles of ``annotations/`` and the annotated frames of each video.

    Every second frame is annotated. The layout knows one object of a class, relations
    with the person alone, and no masks: of several instances the first is kept, the
    gripper is the person, what it reaches for has its attention and what else it does
    is contact; where something else is the subject the relation is spatial. Relations
    among other things are lost.

    Args:
        root: The data set's folder.
        fingerprint: What the videos depend on besides their seeds.
    """

    annotation = 'annotations/object_bbox_and_relationship.pkl'

    def places(self, video_id: str, seed: int) -> list[str]:
        """Return a video's folder."""
        return [f'frames/{video_id}.mp4']

    def write_files(self, folder: Path, recording: Recording) -> dict:
        """Write a video's frames; return what the pickles will say of them."""
        graph = recording.scene_graph
        place = folder / self.places(graph.video_id, recording.seed)[0]
        place.mkdir(parents=True)
        height, width = recording.rgb.shape[1:3]
        record = {}
        for frame in range(0, graph.num_frames, STRIDE):
            # Frames of a video are numbered from 1.
            name = f'{graph.video_id}.mp4/{frame + 1:06d}.png'
            Image.fromarray(recording.rgb[frame]).save(folder / 'frames' / name)
            record[name] = dict(
                size=[width, height],
                person=self._person(graph, frame),
                objects=self._objects(graph, frame),
            )
        return record

    def write_annotation(self, splits: dict[str, list[dict]]) -> dict:
        """Write the annotation; return its objects."""
        names = dict(val='test')
        objects, people = {}, {}
        for split, videos in splits.items():
            for name, frame in ((k, v) for video in videos for k, v in video.items()):
                metadata = dict(tag=name, set=names.get(split, split))
                objects[name] = [
                    dict(
                        row, bbox=row['bbox'] and tuple(row['bbox']), metadata=metadata
                    )
                    for row in frame['objects']
                ]
                boxes = np.array(frame['person'], np.float32).reshape(-1, 4)
                people[name] = dict(
                    bbox=boxes,
                    bbox_score=np.ones(len(boxes), np.float32),
                    bbox_size=tuple(frame['size']),
                    bbox_mode='xyxy',
                )
        with atomic_write(self.root / 'annotations/frame_list.txt') as path:
            path.write_text('\n'.join(objects) + '\n', encoding='utf-8')
        with atomic_write(self.root / 'annotations/person_bbox.pkl') as path:
            path.write_bytes(pickle.dumps(people))
        with atomic_write(self.root / self.annotation) as path:
            path.write_bytes(pickle.dumps(objects))
        return objects

    @staticmethod
    def _person(graph: SceneGraph, frame: int) -> list:
        people = [item for item in graph.objects if item.category == PERSON]
        boxes = [item.tube.boxes().get(frame) for item in people[:1]]
        return [list(box) for box in boxes if box is not None]

    @staticmethod
    def _objects(graph: SceneGraph, frame: int) -> list[dict]:
        people = {item.id for item in graph.objects if item.category == PERSON}
        first = {}
        for item in graph.objects:
            if item.id not in people:
                first.setdefault(item.category, item)
        rows = []
        for item in first.values():
            row = {
                'class': item.category,
                'bbox': None,
                'attention_relationship': [],
                'spatial_relationship': [],
                'contacting_relationship': [],
                'visible': False,
            }
            box = item.tube.boxes().get(frame)
            if box is not None:
                x1, y1, x2, y2 = box
                row.update(bbox=[x1, y1, x2 - x1, y2 - y1], visible=True)
            for relation in graph.relations:
                if not any(start <= frame <= end for start, end in relation.span):
                    continue
                kind = None
                if relation.subject in people and relation.object == item.id:
                    attends = relation.predicate in ATTENTION
                    kind = 'attention' if attends else 'contacting'
                elif relation.object in people and relation.subject == item.id:
                    kind = 'spatial'
                if kind:
                    predicate = relation.predicate.replace(' ', '_')
                    row[f'{kind}_relationship'].append(predicate)
            rows.append(row)
        return rows
