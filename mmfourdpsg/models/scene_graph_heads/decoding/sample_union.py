"""Several generated graphs of one video, as one."""

from collections.abc import Sequence

import torch

from mmfourdpsg.structures.span import group_spans

from .generated_graph import GeneratedGraph, GeneratedObject, GeneratedRelation


def unite_samples(
    graphs: Sequence[GeneratedGraph],
    keys: Sequence[Sequence[tuple[str, int]]],
    span_iou: float = 0.5,
) -> GeneratedGraph:
    """Unite samples, so that a video gets more relations than one text holds.

    Objects of the same category and number are taken for the same object: numbers
    follow the order of first mention, and that follows time, so samples mostly agree.
    Category, description and state come from the sample in which the object scores
    best. Of equal triplets whose spans are about the same the best one stays, with its
    span and reason; those of other spans are alternatives, and rows of their own. A
    score is the mean over all samples, 0 in those without the object or row: what many
    agree on ranks above what one of them was sure of. A pair has the reason of the
    first sample that lists it.

    Args:
        graphs: The samples; the earlier one wins ties.
        keys: For each sample, category and number of its objects.
        span_iou: Least IoU of spans that are about the same, see :func:`group_spans`;
            with 0 no triplet has alternatives.

    Returns:
        One graph, its relations sorted by score. Dropped segments add up.
    """
    places: dict[tuple[str, int], int] = {}
    objects: list[GeneratedObject] = []
    states: list[torch.Tensor] = []
    object_totals: list[float] = []
    rows: dict[tuple[int, str, int], list[GeneratedRelation]] = {}
    pairs: dict[tuple[int, int], str] = {}
    for graph, graph_keys in zip(graphs, keys, strict=True):
        for item, key, state in zip(
            graph.objects, graph_keys, graph.states, strict=True
        ):
            if key not in places:
                places[key] = len(objects)
                objects.append(item)
                states.append(state)
                object_totals.append(0.0)
            elif item.score > objects[places[key]].score:
                objects[places[key]] = item
                states[places[key]] = state
            object_totals[places[key]] += item.score
        for (subject, obj), reason in graph.pairs.items():
            pair = places[graph_keys[subject]], places[graph_keys[obj]]
            pairs.setdefault(pair, reason)
        for row in graph.relations:
            subject, obj = (
                places[graph_keys[row.subject]],
                places[graph_keys[row.object]],
            )
            rows.setdefault((subject, row.predicate, obj), []).append(row)
    num_first = len(set(keys[0]))
    relations = []
    for (subject, predicate, obj), alike in rows.items():
        scores = [row.score for row in alike]
        heads = group_spans([row.span for row in alike], scores, span_iou)
        for head in dict.fromkeys(heads):
            total = sum(
                score
                for score, other in zip(scores, heads, strict=True)
                if other == head
            )
            relations.append(
                GeneratedRelation(
                    subject,
                    predicate,
                    obj,
                    alike[head].span,
                    total / len(graphs),
                    alike[head].reason,
                )
            )
    return GeneratedGraph(
        [
            GeneratedObject(
                item.category, total / len(graphs), item.description, place < num_first
            )
            for place, (item, total) in enumerate(
                zip(objects, object_totals, strict=True)
            )
        ],
        sorted(relations, key=lambda row: -row.score),
        torch.stack(states) if states else graphs[0].states,
        '\n'.join(graph.text for graph in graphs),
        sum(graph.num_dropped for graph in graphs),
        pairs,
    )
