"""Builder of scene graphs from annotated rows; counts what is left out."""

import math
from collections import Counter
from collections.abc import Iterable

from mmfourdpsg.structures import Box, Relation, SceneGraph, SceneObject, clip_span
from mmfourdpsg.utils import InputError

from .annotation_file import AnnotationFile

DANGLING = 'relations of an object that is not there left out'


class SceneGraphBuilder:
    """Builds the graphs of a data set.

    Spans are cut at the end of their video and boxes at the edge of the image. Left
    out and counted are relations wholly beyond the end, those of an object with itself
    or with one that is not there, and boxes without area.

    Args:
        counts: Takes the numbers of what is not as it should be.
        strict: Whether a relation that names an object which is not there is an error
            rather than left out.
        needs_boxes: Whether objects without a box are left out, with their relations:
            where nothing but its box shows an object, the others cannot be found.
    """

    def __init__(
        self, counts: Counter[str], strict: bool = False, needs_boxes: bool = False
    ) -> None:
        self.counts = counts
        self.strict = strict
        self.needs_boxes = needs_boxes

    def build(
        self,
        annotation: AnnotationFile,
        where: str,
        video_id: str,
        num_frames: int,
        objects: list[SceneObject],
        relations: Iterable[Relation],
        size: tuple[int, int] = (1, 1),
    ) -> SceneGraph:
        """Build a video's graph; rows that repeat a triplet are one relation.

        Args:
            annotation: The annotation file, for messages.
            where: The record's place in it.
            video_id: Name of the video.
            num_frames: Number of frames.
            objects: Objects without tubes.
            relations: Relations with spans as annotated.
            size: Height and width in pixels; (1, 1) where they are not known yet.

        Raises:
            InputError: The graph is not valid; the message names file and record.
        """
        listed = {item.id for item in objects}
        for item in objects:
            self._cut_boxes(item, size)
        if self.needs_boxes:
            found = [item for item in objects if item.boxes]
            self.count('objects without a box left out', len(objects) - len(found))
            objects = found
        shown = {item.id for item in objects}
        kept = []
        for row in relations:
            ends = {row.subject, row.object}
            if not ends <= listed:
                name = f'({row.subject}, {row.predicate!r:.60}, {row.object})'
                lacking = ', '.join(map(str, sorted(ends - listed)))
                self.leave_out(
                    annotation, where, f'relation {name}', f'object {lacking}'
                )
            elif not ends <= shown:
                self.count('relations of an object without a box left out')
            elif len(ends) == 1:
                self.count('relations of an object with itself dropped')
            elif self._is_within(row, num_frames):
                kept.append(row)
        try:
            graph = SceneGraph(video_id, *size, num_frames, objects, kept)
        except InputError as error:
            annotation.fail(where, str(error))
        return graph.unite_relations()

    def leave_out(
        self, annotation: AnnotationFile, where: str, name: str, lacking: str
    ) -> None:
        """Leave out a relation that names what is not there.

        Args:
            annotation: The annotation file, for messages.
            where: The relation's place in it.
            name: What to call the relation.
            lacking: What is not there.

        Raises:
            InputError: The data set is strict.
        """
        if self.strict:
            annotation.fail(
                where, f'{name} names the unknown {lacking}, expected what is listed'
            )
        self.count(DANGLING)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that is not as it should be."""
        if number:
            self.counts[what] += number

    def _is_within(self, row: Relation, num_frames: int) -> bool:
        """Cut a relation's span, and return whether anything is left of it."""
        if row.span and row.span[-1][1] >= num_frames:
            self.count('spans cut at the end of their video')
            row.span = clip_span(row.span, num_frames)
            return bool(row.span)
        return True

    def _cut_boxes(self, item: SceneObject, size: tuple[int, int]) -> None:
        if item.boxes:
            cut = {frame: cut_box(box, size) for frame, box in item.boxes.items()}
            item.boxes = {frame: box for frame, box in cut.items() if box is not None}
            empty = len(cut) - len(item.boxes)
            self.count('boxes without area in the image left out', empty)


def cut_box(box: Box, size: tuple[int, int]) -> Box | None:
    """Return the part of a box that lies in the image, None if there is none.

    Args:
        box: ``(x1, y1, x2, y2)`` in pixels.
        size: Height and width of the image; (1, 1) where they are not known, so that
            nothing is cut.
    """
    bottom, right = (math.inf, math.inf) if size == (1, 1) else size
    x1, y1 = max(box[0], 0.0), max(box[1], 0.0)
    x2, y2 = min(box[2], right), min(box[3], bottom)
    has_area = all(map(math.isfinite, box)) and x1 < x2 and y1 < y2
    return (x1, y1, x2, y2) if has_area else None
