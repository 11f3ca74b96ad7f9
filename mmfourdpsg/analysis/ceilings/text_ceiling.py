"""Rule-based ceiling: true graphs, written as text and read again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mmfourdpsg.models.scene_graph_heads.training_conversations import (
    TrainingConversations,
)
from mmfourdpsg.models.text_formats import SceneGraphTextFormat
from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    intersect_spans,
    span_from_frames,
)

from .true_tubes import object_names, with_true_tubes

_NAMES = dict(DirectTextFormat='direct', ChainedTextFormat='chained')


@dataclass
class TextCeiling:
    """What text leaves of true graphs.

    Attributes:
        name: The format, and what of the video it was given.
        predictions: The graphs that are read again, with true tubes.
        num_cut: How many texts did not fit into the longest answer.
    """

    name: str
    predictions: list[SceneGraph]
    num_cut: int


def text_ceilings(
    head: Mapping, samples: Sequence[SceneGraphDataSample], truths: Sequence[SceneGraph]
) -> Iterator[TextCeiling]:
    """Yield what each text format of a head leaves of true graphs.

    Tubes, labels and the order of objects are true. What is lost is lost to the grid of
    times, to answers that are longer than allowed, and to labels that do not survive;
    in a second row also to the sampled frames, which are all that a model sees, see
    :func:`shown_graph`. No weights are read.

    Args:
        head: Config of the head.
        samples: The videos as the head would be taught them, with ``gt_scene_graph``
            and ``frame_indices``.
        truths: Their ground truth, with the tubes of all frames.
    """
    # Its tokens count alone, so one random layer does for any model.
    model = dict(head['language_model'], pretrained=False, lora=None)
    model['sizes'] = dict(model.get('sizes') or {}, num_hidden_layers=1)
    language_model = MODELS.build(model)
    for text_format in _formats(head):
        limit = head.get('max_conversation_tokens')
        for shown in (False, True):
            conversations = TrainingConversations(
                language_model,
                text_format,
                max_answer_tokens=head.get('max_answer_tokens', 1024),
                max_conversation_tokens=limit,
            )
            rows = [
                _written_and_read(conversations, text_format, sample, truth, shown)
                for sample, truth in zip(samples, truths, strict=True)
            ]
            given = f'{len(samples[0].frame_indices)} frames' if shown else 'all frames'
            name = f'{format_name(text_format)}, {given}'
            yield TextCeiling(name, rows, conversations.num_cut)


def shown_graph(
    graph: SceneGraph, frames: Sequence[int], tubes: Mapping[int, MaskTube | None]
) -> SceneGraph:
    """Return the graph that can be told from some frames.

    Each frame stands for those that are nearer to it than to any other one, the earlier
    of equal ones: a relation holds there if it does in that frame. Relations that hold
    in none of the frames are left out, and so are objects that none shows.

    Args:
        graph: A graph.
        frames: Ascending indices.
        tubes: Id -> tube of its objects.
    """
    edges = [0, *((a + b) // 2 + 1 for a, b in pairwise(frames)), graph.num_frames]
    seen = span_from_frames(frames)
    stretch = dict(zip(frames, pairwise(edges), strict=True))
    objects = [
        item
        for item in graph.objects
        if (tube := tubes.get(item.id)) and not stretch.keys().isdisjoint(tube.frames)
    ]
    kept = {item.id for item in objects}
    relations = []
    for row in graph.relations:
        span = [
            (stretch[frame][0], stretch[frame][1] - 1)
            for start, end in intersect_spans(row.span, seen)
            for frame in range(start, end + 1)
            if frame in stretch
        ]
        if span and {row.subject, row.object} <= kept:
            relations.append(
                Relation(
                    row.subject, row.predicate, row.object, span, reason=row.reason
                )
            )
    return SceneGraph(
        graph.video_id,
        graph.height,
        graph.width,
        graph.num_frames,
        objects,
        relations,
    )


def format_name(text_format: SceneGraphTextFormat) -> str:
    """Return ``direct``, ``chained``, or the name of the class of another one."""
    kind = type(text_format).__name__
    return _NAMES.get(kind, kind)


def _formats(head: Mapping) -> list[SceneGraphTextFormat]:
    configs = [head['text_format'], head.get('direct_text_format')]
    return [TASK_UTILS.build(config) for config in configs if config]


def _written_and_read(
    conversations: TrainingConversations,
    text_format: SceneGraphTextFormat,
    sample: SceneGraphDataSample,
    truth: SceneGraph,
    shown: bool,
) -> SceneGraph:
    """Return a graph as it comes back from text."""
    given = sample
    if shown:
        given = sample.clone()
        tubes = {item.id: item.tube for item in truth.objects}
        given.gt_scene_graph = shown_graph(
            sample.gt_scene_graph, sample.frame_indices, tubes
        )
    _, turns = conversations.write(given)
    parsed = text_format.parse([turn.text for turn in turns], truth.num_frames)
    return with_true_tubes(
        [item.category for item in parsed.objects],
        parsed.relations,
        object_names(given.gt_scene_graph, turns),
        truth,
    )
