"""Scene graph: the 4D panoptic scene graph of one video."""

import math
import warnings
from collections.abc import Iterable
from dataclasses import replace

from ..utils import InputError
from .objects_and_relations import Relation, SceneObject


class SceneGraph:
    """Objects with mask tubes, and relations with spans, of one video.

    An image is a video of one frame whose spans are ``[(0, 0)]``.

    Relations stay as they are given, in their order: a prediction is a ranked list, in
    which (subject, predicate, object) may occur more than once. :meth:`unite_relations`
    makes such rows one, as annotations want it. A relation of an object with itself is
    dropped; how many were is told in one warning.

    Args:
        video_id: Name of the video.
        height: Rows of a frame, in pixels.
        width: Columns of a frame, in pixels.
        num_frames: Number of frames.
        objects: The objects.
        relations: The relations; their subjects and objects are object ids.

    Raises:
        InputError: Sizes that are not positive, a duplicate object id, a relation
            of an unknown object, an empty label or span, a score that is not a
            finite number, or a tube of another size.
    """

    def __init__(
        self,
        video_id: str,
        height: int,
        width: int,
        num_frames: int,
        objects: Iterable[SceneObject] = (),
        relations: Iterable[Relation] = (),
    ) -> None:
        self.video_id = str(video_id)
        self.height = int(height)
        self.width = int(width)
        self.num_frames = int(num_frames)
        self.objects = list(objects)
        self._by_id = {item.id: item for item in self.objects}
        self._check_objects()
        self.relations = self._check_relations(relations)

    def object_by_id(self, object_id: int) -> SceneObject:
        """Return the object with the given id.

        Raises:
            KeyError: The graph has no such object.
        """
        return self._by_id[object_id]

    def unite_relations(self) -> 'SceneGraph':
        """Return the graph with one relation for each (subject, predicate, object).

        Its span is the union of the spans of the rows that repeat it, its score the
        best of theirs, its reason their first, its place that of the first. This is for
        annotations alone: a prediction is evaluated row by row.
        """
        united: dict[tuple[int, str, int], Relation] = {}
        for row in self.relations:
            key = (row.subject, row.predicate, row.object)
            if key in united:
                scores = [united[key].score, row.score]
                row = replace(
                    row,
                    span=[*united[key].span, *row.span],
                    score=max((s for s in scores if s is not None), default=None),
                    reason=united[key].reason or row.reason,
                )
            united[key] = row
        return SceneGraph(
            self.video_id,
            self.height,
            self.width,
            self.num_frames,
            self.objects,
            united.values(),
        )

    def select_objects(self, object_ids: Iterable[int]) -> 'SceneGraph':
        """Return the graph of the given objects and the relations among them."""
        kept = set(object_ids)
        return SceneGraph(
            self.video_id,
            self.height,
            self.width,
            self.num_frames,
            [item for item in self.objects if item.id in kept],
            [r for r in self.relations if {r.subject, r.object} <= kept],
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SceneGraph) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return (
            f'SceneGraph({self.video_id!r}, {self.height}x{self.width}, '
            f'{self.num_frames} frames, {len(self.objects)} objects, '
            f'{len(self.relations)} relations)'
        )

    def _fail(self, found: str) -> None:
        raise InputError(f'video {self.video_id!r}: {found}')

    def _check_objects(self) -> None:
        if min(self.height, self.width, self.num_frames) < 1:
            self._fail(
                f'height {self.height}, width {self.width} and num_frames '
                f'{self.num_frames} must all be at least 1'
            )
        if len(self._by_id) != len(self.objects):
            ids = [item.id for item in self.objects]
            twice = next(i for i in ids if ids.count(i) > 1)
            self._fail(f'two objects have the id {twice}, expected distinct ids')
        for item in self.objects:
            if not item.category:
                self._fail(f'object {item.id} has an empty category')
            self._check_score(f'object {item.id}', item.score)
            tube = item.tube
            if tube is not None and (tube.height, tube.width) != (
                self.height,
                self.width,
            ):
                self._fail(
                    f'object {item.id} has a tube of {tube.height} x {tube.width}, '
                    f'expected {self.height} x {self.width}'
                )

    def _check_score(self, name: str, score: float | None) -> None:
        if score is not None and not math.isfinite(score):
            self._fail(f'{name} has the score {score}, expected a finite number')

    def _check_relations(self, relations: Iterable[Relation]) -> list[Relation]:
        kept = []
        for row in relations:
            for role, key in (('subject', row.subject), ('object', row.object)):
                if key not in self._by_id:
                    self._fail(
                        f'relation ({row.subject}, {row.predicate!r}, {row.object}) '
                        f'names the unknown {role} {key}, expected one of '
                        f'{sorted(self._by_id)}'
                    )
            name = f'relation ({row.subject}, {row.predicate!r}, {row.object})'
            if not row.predicate:
                self._fail(f'{name} has an empty predicate')
            if not row.span:
                self._fail(f'{name} has an empty span')
            self._check_score(name, row.score)
            kept.append(row)
        related = [row for row in kept if row.subject != row.object]
        if len(related) < len(kept):
            warnings.warn(
                f'video {self.video_id!r}: dropped {len(kept) - len(related)} '
                'relation(s) of an object with itself',
                stacklevel=3,
            )
        return related
