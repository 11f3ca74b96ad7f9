"""From the tubes of objects and their relations to a scene graph."""

from torch import Tensor

from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    span_from_frames,
)

from ..label_names import LabelNames
from ..relation_heads import FoundRelations
from ..trackers import FeatureTubes


def tube_graph(
    sample: SceneGraphDataSample,
    tubes: FeatureTubes,
    categories: LabelNames,
    relations: FoundRelations | None = None,
    predicates: LabelNames | None = None,
) -> SceneGraph:
    """Return the scene graph of a video.

    Objects are numbered from 1 in the order of the tubes.

    Args:
        sample: Tells the video's name, size and number of frames.
        tubes: The objects, with mask tubes that share no pixel.
        categories: Names of categories.
        relations: The relations of the objects; None has none.
        predicates: Names of predicates.
    """
    height, width = sample.ori_shape
    names, are_things = categories.names, categories.is_thing.tolist()
    objects = [
        SceneObject(
            number, names[category], are_things[category], score=score, tube=tube
        )
        for number, (category, score, tube) in enumerate(
            zip(tubes.categories, tubes.scores.tolist(), tubes.tubes, strict=True), 1
        )
    ]
    rows = [] if relations is None else _relations(relations, predicates.names)
    return SceneGraph(sample.video_id, height, width, sample.num_frames, objects, rows)


def _relations(found: FoundRelations, names: list[str]) -> list[Relation]:
    return [
        Relation(subject + 1, names[kind], obj + 1, _span(frames), score)
        for (subject, obj), kind, frames, score in zip(
            found.ends.tolist(),
            found.predicates.tolist(),
            found.spans.cpu(),
            found.scores.tolist(),
            strict=True,
        )
    ]


def _span(frames: Tensor) -> list[tuple[int, int]]:
    return span_from_frames(frames.nonzero()[:, 0].tolist())
