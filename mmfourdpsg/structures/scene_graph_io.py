"""Scene graphs as JSON files: reading, validation and writing."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..utils import InputError, atomic_write
from .mask_tube import MaskTube
from .objects_and_relations import Relation, SceneObject
from .scene_graph import SceneGraph

FORMAT = 'mmfourdpsg/scene-graph'
VERSION = 1
# Beyond any recording, nine hours at 30 frames a second; what is done frame by frame
# would not end.
MAX_FRAMES = 1_000_000
# Frames that are named have nine digits at most, pixels are counted in 32 bits.
LAST_FRAME = 999_999_999
MAX_PIXELS = 2**31


def save_scene_graphs(graphs: Iterable[SceneGraph], path: str | Path) -> None:
    """Write scene graphs to a JSON file, whole or not at all.

    Args:
        graphs: The graphs, one a video.
        path: The file to write.
    """
    with (
        atomic_write(path) as temporary,
        open(temporary, 'w', encoding='utf-8') as file,
    ):
        info = json.dumps(dict(format=FORMAT, version=VERSION))
        file.write(f'{{"info": {info},\n "videos": [')
        # One video at a time, so that memory stays flat however many there are.
        for index, graph in enumerate(graphs):
            file.write(',\n' if index else '\n')
            file.write(json.dumps(_graph_to_json(graph), allow_nan=False))
        file.write(']}\n')


def load_scene_graphs(
    path: str | Path, left_out: Counter[str] | None = None
) -> list[SceneGraph]:
    """Read and validate scene graphs from a JSON file.

    Args:
        path: The file to read.
        left_out: Counts, by video, relations with an object that is not there, which
            the graphs then lack; None refuses such a file.

    Returns:
        The graphs, in the file's order.

    Raises:
        InputError: The file is missing, is not JSON, or holds something else than
            the format says; the message names the file and the place in it.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}), expected a scene graph file'
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f'{path}: is not valid JSON ({error})') from None
    try:
        return _Reader(str(path), left_out).read(content)
    except RecursionError:
        raise InputError(
            f'{path}: lists within lists too deep to read, expected a scene graph file'
        ) from None


def load_ground_truth(path: str | Path) -> list[SceneGraph]:
    """Read scene graphs that are annotations: rows that repeat a triplet are one.

    Args:
        path: The file to read.

    Returns:
        The graphs after :meth:`SceneGraph.unite_relations`, in the file's order.

    Raises:
        InputError: As of :func:`load_scene_graphs`.
    """
    return [graph.unite_relations() for graph in load_scene_graphs(path)]


def _graph_to_json(graph: SceneGraph) -> dict:
    objects = []
    for item in graph.objects:
        row: dict[str, Any] = dict(
            id=item.id, category=item.category, is_thing=item.is_thing
        )
        if item.score is not None:
            row['score'] = float(item.score)
        if item.tube is not None:
            row['tube'] = item.tube.to_json()
        if item.boxes is not None:
            row['boxes'] = {
                str(frame): [float(value) for value in box]
                for frame, box in item.boxes.items()
            }
        if item.attributes:
            row['attributes'] = list(item.attributes)
        if item.description:
            row['description'] = item.description
        objects.append(row)
    relations = []
    for relation in graph.relations:
        row = dict(
            subject=relation.subject,
            predicate=relation.predicate,
            object=relation.object,
            span=[list(part) for part in relation.span],
        )
        if relation.score is not None:
            row['score'] = float(relation.score)
        if relation.reason:
            row['reason'] = relation.reason
        relations.append(row)
    return dict(
        video_id=graph.video_id,
        height=graph.height,
        width=graph.width,
        num_frames=graph.num_frames,
        objects=objects,
        relations=relations,
    )


class _Reader:
    """Turns parsed JSON into graphs; knows the file's name for its errors."""

    def __init__(self, name: str, left_out: Counter[str] | None = None) -> None:
        self.name = name
        self.left_out = left_out

    def read(self, content: Any) -> list[SceneGraph]:
        self.expect(isinstance(content, dict), 'top level', 'an object')
        info = self.get(content, 'info', dict, 'top level')
        found = (info.get('format'), info.get('version'))
        self.expect(
            found == (FORMAT, VERSION),
            'info',
            f'format {FORMAT!r} and version {VERSION}, not {found[0]!r:.60} and '
            f'{found[1]!r:.60}',
        )
        videos = self.get(content, 'videos', list, 'top level')
        graphs = [self.graph(row, f'videos[{i}]') for i, row in enumerate(videos)]
        seen: set[str] = set()
        for index, graph in enumerate(graphs):
            self.expect(
                graph.video_id not in seen,
                f'videos[{index}].video_id',
                f'distinct ids, {graph.video_id!r:.60} occurs twice',
            )
            seen.add(graph.video_id)
        return graphs

    def expect(self, condition: bool, where: str, what: str) -> None:
        if not condition:
            raise InputError(f'{self.name}: {where}: expected {what}')

    def get(self, row: Any, key: str, kind: Any, where: str) -> Any:
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = ' or '.join(k.__name__ for k in kinds)
        self.expect(isinstance(row, dict), where, 'an object')
        self.expect(key in row, where, f'the key {key!r} ({names})')
        value = row[key]
        # JSON's true is a Python int; where a number is meant, it is an error.
        good = isinstance(value, kinds) and (
            bool in kinds or not isinstance(value, bool)
        )
        self.expect(good, f'{where}.{key}', f'{names}, not {value!r:.60}')
        if isinstance(value, str):
            # Half of a pair of surrogates is no character and cannot be printed.
            good = not any('\ud800' <= letter <= '\udfff' for letter in value)
            self.expect(good, f'{where}.{key}', f'text, not {value!r:.60}')
        return value

    def score(self, row: Any, where: str) -> float | None:
        if row.get('score') is None:
            return None
        value = self.get(row, 'score', (float, int), where)
        return self.number(value, f'{where}.score')

    def graph(self, row: Any, where: str) -> SceneGraph:
        video_id = self.get(row, 'video_id', str, where)
        sizes = []
        for key in ('height', 'width', 'num_frames'):
            sizes.append(self.get(row, key, int, where))
            self.expect(
                sizes[-1] > 0, f'{where}.{key}', f'at least 1, not {sizes[-1]!r:.20}'
            )
        height, width, num_frames = sizes
        self.expect(
            height * width < MAX_PIXELS,
            where,
            f'frames of less than {MAX_PIXELS} pixels, not {height!r:.20} x '
            f'{width!r:.20}',
        )
        self.expect(
            num_frames <= MAX_FRAMES,
            f'{where}.num_frames',
            f'at most {MAX_FRAMES}, not {num_frames!r:.20}',
        )
        objects = [
            self.object(item, f'{where}.objects[{i}]', height, width)
            for i, item in enumerate(self.get(row, 'objects', list, where))
        ]
        relations = [
            self.relation(item, f'{where}.relations[{i}]')
            for i, item in enumerate(self.get(row, 'relations', list, where))
        ]
        if self.left_out is not None:
            ids = {item.id for item in objects}
            whole = [row for row in relations if {row.subject, row.object} <= ids]
            self.left_out[video_id] += len(relations) - len(whole)
            relations = whole
        try:
            return SceneGraph(video_id, height, width, num_frames, objects, relations)
        except InputError as error:
            raise InputError(f'{self.name}: {error}') from None

    def object(self, row: Any, where: str, height: int, width: int) -> SceneObject:
        object_id = self.get(row, 'id', int, where)
        category = self.get(row, 'category', str, where)
        is_thing = self.get(row, 'is_thing', bool, where) if 'is_thing' in row else True
        tube = boxes = None
        if row.get('tube') is not None:
            value = self.get(row, 'tube', dict, where)
            try:
                tube = MaskTube.from_json(value, height, width)
            except ValueError as error:
                raise InputError(f'{self.name}: {where}.tube: {error}') from None
        if row.get('boxes') is not None:
            value = self.get(row, 'boxes', dict, where)
            boxes = {
                self.frame(key, f'{where}.boxes'): self.box(box, f'{where}.boxes.{key}')
                for key, box in value.items()
            }
        return SceneObject(
            object_id,
            category,
            is_thing,
            self.score(row, where),
            tube,
            boxes,
            self.attributes(row, where),
            self.text(row, 'description', where),
        )

    def attributes(self, row: Any, where: str) -> tuple[str, ...]:
        if row.get('attributes') is None:
            return ()
        values = self.get(row, 'attributes', list, where)
        rows = {str(index): value for index, value in enumerate(values)}
        return tuple(self.get(rows, key, str, f'{where}.attributes') for key in rows)

    def text(self, row: Any, key: str, where: str) -> str:
        return '' if row.get(key) is None else self.get(row, key, str, where)

    def number(self, value: float, where: str) -> float:
        try:
            good = math.isfinite(value)
        except OverflowError:
            good = False
        self.expect(good, where, f'a finite number, not {value!r:.60}')
        return float(value)

    def frame(self, key: str, where: str) -> int:
        good = key.isdecimal() and len(key) <= 9
        self.expect(good, where, f'frame numbers as keys, not {key!r:.60}')
        return int(key)

    def box(self, box: Any, where: str) -> tuple[float, float, float, float]:
        good = (
            isinstance(box, list)
            and len(box) == 4
            and all(type(value) in (int, float) for value in box)
        )
        self.expect(good, where, f'[x1, y1, x2, y2] in pixels, not {box!r:.60}')
        x1, y1, x2, y2 = (self.number(value, where) for value in box)
        return x1, y1, x2, y2

    def relation(self, row: Any, where: str) -> Relation:
        subject = self.get(row, 'subject', int, where)
        predicate = self.get(row, 'predicate', str, where)
        object_id = self.get(row, 'object', int, where)
        span = self.get(row, 'span', list, where)
        for part in span:
            good = (
                isinstance(part, list)
                and len(part) == 2
                and all(type(value) is int and value <= LAST_FRAME for value in part)
            )
            self.expect(
                good,
                f'{where}.span',
                f'pairs [first, last] of frames, not {part!r:.60}',
            )
        try:
            return Relation(
                subject,
                predicate,
                object_id,
                span,
                self.score(row, where),
                self.text(row, 'reason', where),
            )
        except ValueError as error:
            raise InputError(f'{self.name}: {where}.span: {error}') from None
