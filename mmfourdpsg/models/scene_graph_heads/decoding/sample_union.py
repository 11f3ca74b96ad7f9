"""Several generated graphs of one video, as one."""

from collections.abc import Sequence

import torch

from .generated_graph import GeneratedGraph, GeneratedObject, GeneratedRelation


def unite_samples(
    graphs: Sequence[GeneratedGraph], keys: Sequence[Sequence[tuple[str, int]]]
) -> GeneratedGraph:
    """Unite samples, so that a video gets more relations than one text holds.

    Objects of the same category and number are taken for the same object: numbers
    follow the order of first mention, and that follows time, so samples mostly agree.
    Category and state come from the sample in which the object scores best; of equal
    triplets the best one stays, with its span. A score is the mean over all samples, 0
    in those without the object or triplet: what many agree on ranks above what one of
    them was sure of.

    Args:
        graphs: The samples; the earlier one wins ties.
        keys: For each sample, category and number of its objects.

    Returns:
        One graph, its relations sorted by score. Dropped segments add up.
    """
    places: dict[tuple[str, int], int] = {}
    objects: list[GeneratedObject] = []
    states: list[torch.Tensor] = []
    object_totals: list[float] = []
    best: dict[tuple[int, str, int], GeneratedRelation] = {}
    totals: dict[tuple[int, str, int], float] = {}
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
        for row in graph.relations:
            subject, obj = (
                places[graph_keys[row.subject]],
                places[graph_keys[row.object]],
            )
            key = (subject, row.predicate, obj)
            totals[key] = totals.get(key, 0.0) + row.score
            if key not in best or row.score > best[key].score:
                best[key] = GeneratedRelation(
                    subject, row.predicate, obj, row.span, row.score
                )
    for key, row in best.items():
        row.score = totals[key] / len(graphs)
    return GeneratedGraph(
        [
            GeneratedObject(item.category, total / len(graphs))
            for item, total in zip(objects, object_totals, strict=True)
        ],
        sorted(best.values(), key=lambda row: -row.score),
        torch.stack(states) if states else graphs[0].states,
        '\n'.join(graph.text for graph in graphs),
        sum(graph.num_dropped for graph in graphs),
    )
