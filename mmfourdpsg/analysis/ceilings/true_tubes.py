"""True tubes for the objects that a text names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mmfourdpsg.models.scene_graph_heads.decoding.generated_graph import (
    GeneratedRelation,
)
from mmfourdpsg.models.text_formats import FormattedTurn
from mmfourdpsg.models.text_formats.parsed_graph import ParsedRelation
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

ObjectName = tuple[str, int]
"""Category, and which of its category it is, counted from 1."""


def number_categories(categories: Iterable[str]) -> list[ObjectName]:
    """Return the names of objects that are mentioned in this order."""
    counts: Counter[str] = Counter()
    names = []
    for category in categories:
        counts[category] += 1
        names.append((category, counts[category]))
    return names


def object_names(
    graph: SceneGraph, turns: Sequence[FormattedTurn]
) -> dict[ObjectName, int]:
    """Return the id of the object that each name in a text stands for.

    Args:
        graph: A graph.
        turns: How it was written.
    """
    mentioned = dict.fromkeys(i for turn in turns for i in turn.mentioned_ids)
    categories = [graph.object_by_id(object_id).category for object_id in mentioned]
    return dict(zip(number_categories(categories), mentioned, strict=True))


def with_true_tubes(
    categories: Sequence[str],
    relations: Iterable[ParsedRelation | GeneratedRelation],
    names: Mapping[ObjectName, int],
    truth: SceneGraph,
) -> SceneGraph:
    """Return what a text says of a video, with true tubes.

    The second cup of the text is the second cup of the annotated text. What has a name
    that this does not know has no tube, and finds nothing.

    Args:
        categories: Of the objects, in the order of their first mention.
        relations: Among these, by index; without scores all rank as they stand.
        names: Name -> id in the ground truth, see :func:`object_names`.
        truth: The ground truth, with tubes.
    """
    objects = []
    for index, name in enumerate(number_categories(categories)):
        if name in names:
            item = truth.object_by_id(names[name])
            objects.append(replace(item, id=index, score=1.0))
        else:
            objects.append(SceneObject(index, name[0], score=1.0))
    return SceneGraph(
        truth.video_id,
        truth.height,
        truth.width,
        truth.num_frames,
        objects,
        [
            Relation(
                row.subject,
                row.predicate,
                row.object,
                row.span,
                getattr(row, 'score', 1.0),
            )
            for row in relations
        ],
    )
