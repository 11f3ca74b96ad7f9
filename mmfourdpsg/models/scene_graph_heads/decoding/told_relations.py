"""Relations of conversations that tell one each."""

import math
from collections.abc import Sequence

from mmfourdpsg.structures.span import Span, cover_spans

from ...text_formats import SceneGraphTextFormat
from .generated_graph import GeneratedRelation


def gather_relations(
    text_format: SceneGraphTextFormat,
    texts: Sequence[str],
    told: Sequence[tuple[float, Sequence[str]]],
    num_frames: int,
    span_iou: float,
) -> list[GeneratedRelation]:
    """Return relations with how likely each is to hold.

    Where relations are told in random order, the probability of one to be told first,
    times their number, is the probability that it holds. The number is that of the
    conversation in which all are told.

    Args:
        text_format: Reads the texts.
        texts: The answers of a conversation that tells all relations.
        told: Log-probability and answers of conversations that tell one.
        num_frames: Frames of the video.
        span_iou: Least IoU of spans that are one, see :func:`cover_spans`; the
            probability of a relation is the sum over them.

    Returns:
        One row for each triplet and span, the likeliest first. Objects are counted as
        the first conversation lists them.
    """
    whole = text_format.parse(texts, num_frames)
    indices = {(item.category, item.number): i for i, item in enumerate(whole.objects)}
    rows: dict[tuple[int, str, int], list[tuple[float, Span, str]]] = {}
    for log_probability, answers in told:
        graph = text_format.parse(answers, num_frames)
        places = [indices[item.category, item.number] for item in graph.objects]
        for row in graph.relations:
            triplet = places[row.subject], row.predicate, places[row.object]
            rows.setdefault(triplet, []).append(
                (math.exp(log_probability), row.span, row.reason)
            )
    number = max(1, len(whole.relations))
    found = []
    for triplet, alike in rows.items():
        chances, spans, reasons = zip(*alike, strict=True)
        for index, chance in cover_spans(spans, chances, span_iou):
            score = min(1.0, number * chance)
            found.append(
                GeneratedRelation(*triplet, spans[index], score, reasons[index])
            )
    return sorted(found, key=lambda row: -row.score)
