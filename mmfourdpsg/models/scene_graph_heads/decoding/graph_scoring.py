"""Confidence and prompts of a generated graph."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmfourdpsg.utils.check_names import check_names

from ...text_formats.parsed_graph import ParsedGraph, TextRange
from .generated_graph import GeneratedGraph, GeneratedObject, GeneratedRelation
from .written_answer import WrittenAnswer

_SCORE_TOKENS = ('unforced', 'all')


def check_score_tokens(score_tokens: str) -> None:
    """Refuse a name that :func:`score_graph` does not know.

    Raises:
        ValueError: It is no such name.
    """
    check_names('score_tokens', [score_tokens], _SCORE_TOKENS)


def score_graph(
    graph: ParsedGraph,
    answers: Sequence[WrittenAnswer],
    no_states: Tensor,
    first_only: bool = False,
    score_tokens: str = 'unforced',
) -> GeneratedGraph:
    """Score a parsed graph, and gather the states of its objects.

    An object's score is the mean probability of the tokens of all its mentions. A
    relation's score is the mean probability of the tokens of its statement, the best
    one if it has several.

    Shapes: ``N`` objects, ``C`` channels.

    Args:
        graph: The parsed graph.
        answers: The answers that it was parsed from, one a turn.
        no_states: What a graph without objects has for states ``[0, C]``.
        first_only: Whether the state behind an object's first ``[Obj]`` is its prompt,
            rather than the mean over all of them.
        score_tokens: Which tokens count: ``'all'``, or ``'unforced'``, those that could
            have been others, unless there is none; what a grammar forces says nothing
            of the scene.

    Returns:
        The graph, its relations sorted by score.
    """

    def tokens(ranges: list[TextRange]) -> list[tuple[WrittenAnswer, int]]:
        return [
            (answers[turn], token)
            for turn, start, end in ranges
            for token in answers[turn].decoded.tokens_of(start, end)
        ]

    def mean(ranges: list[TextRange]) -> float:
        places = tokens(ranges)
        if score_tokens == 'unforced':
            free = [(answer, i) for answer, i in places if not answer.is_forced[i]]
            places = free or places
        values = [answer.probabilities[i] for answer, i in places]
        return sum(values) / len(values)

    objects = [
        GeneratedObject(item.category, mean(item.mentions), item.description)
        for item in graph.objects
    ]
    relations = [
        GeneratedRelation(
            row.subject,
            row.predicate,
            row.object,
            row.span,
            max(mean(statement) for statement in row.statements),
            row.reason,
        )
        for row in graph.relations
    ]
    last = 1 if first_only else None
    prompts = [
        torch.stack(
            [answer.states[i] for answer, i in tokens(item.prompts)[:last]]
        ).mean(0)
        for item in graph.objects
    ]
    return GeneratedGraph(
        objects,
        sorted(relations, key=lambda row: -row.score),
        torch.stack(prompts) if prompts else no_states,
        '\n'.join(answer.decoded.text for answer in answers),
        len(graph.dropped),
        graph.pairs,
    )
