"""Confidence and prompts of a generated graph."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...text_formats.parsed_graph import ParsedGraph, TextRange
from .decoded_answer import DecodedAnswer
from .generated_graph import GeneratedGraph, GeneratedObject, GeneratedRelation


def score_graph(
    graph: ParsedGraph,
    answers: Sequence[DecodedAnswer],
    starts: Sequence[int],
    probabilities: Sequence[float],
    states: Tensor,
    first_only: bool = False,
) -> GeneratedGraph:
    """Score a parsed graph, and gather the states of its objects.

    An object's score is the mean probability of the tokens of all its mentions. A
    relation's score is the mean probability of the tokens of its statement, the best
    one if it has several.

    Shapes: ``S`` positions, ``N`` objects, ``C`` channels.

    Args:
        graph: The parsed graph.
        answers: The answers that it was parsed from, one a turn.
        starts: Position of each answer's first token.
        probabilities: Probability of the token at each position, ``S`` of them.
        states: Last hidden states ``[S, C]``.
        first_only: Whether the state behind an object's first ``[Obj]`` is its prompt,
            rather than the mean over all of them.

    Returns:
        The graph, its relations sorted by score.
    """

    def positions(ranges: list[TextRange]) -> list[int]:
        return [
            starts[turn] + token
            for turn, start, end in ranges
            for token in answers[turn].tokens_of(start, end)
        ]

    def mean(ranges: list[TextRange]) -> float:
        values = [probabilities[place] for place in positions(ranges)]
        return sum(values) / len(values)

    objects = [
        GeneratedObject(item.category, mean(item.mentions)) for item in graph.objects
    ]
    relations = [
        GeneratedRelation(
            row.subject,
            row.predicate,
            row.object,
            row.span,
            max(mean(statement) for statement in row.statements),
        )
        for row in graph.relations
    ]
    last = 1 if first_only else None
    prompts = [states[positions(item.prompts)[:last]].mean(0) for item in graph.objects]
    return GeneratedGraph(
        objects,
        sorted(relations, key=lambda row: -row.score),
        torch.stack(prompts) if prompts else states.new_zeros(0, states.shape[-1]),
        '\n'.join(answer.text for answer in answers),
        len(graph.dropped),
    )
