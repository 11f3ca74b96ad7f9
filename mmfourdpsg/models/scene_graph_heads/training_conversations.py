"""Conversations with the language model in which the answers are annotated texts."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from mmengine.logging import print_log

from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.check_names import check_names

from ..language_models.causal_language_model import CausalLanguageModel
from ..text_formats import FormattedTurn, SceneGraphTextFormat, TextPart
from ..text_formats.formatted_graph import PART_KINDS, REST
from .decoding.conversation import Conversation
from .decoding.turn_prompts import encode_turn_prompt


class TrainingConversations:
    """Writes the conversations that the language model learns.

    Args:
        language_model: Encodes prompts and answers.
        text_format: Writes them.
        direct_text_format: Writes those of some samples instead, in one answer; None
            writes all of them alike.
        direct_share: Share of the samples that it writes, by chance, sampled from
            torch's global generator.
        single_share: Share of the texts in several answers that tell one relation
            alone, sampled likewise, as :class:`RelationSearch` asks for it. All
            objects are listed. From the answer on in which relations begin, ends are
            not learned, so that whole texts alone teach how many relations there are.
        max_answer_tokens: Longest answer, with its end-of-text token. A conversation
            with a longer one is that of a smaller graph; an only answer is cut before a
            segment, without an end-of-text token. Both are counted in a warning.
        max_conversation_tokens: Most tokens of all answers of a conversation, likewise,
            and of an only answer; None sets no limit.
        learn_times_of_stills: Whether the times of relations are learned from single
            images, see :class:`LLMSceneGraphHead`.
        token_weights: What tokens count in the loss, by the kind of the part that they
            lie in (see :class:`TextPart`), ``rest`` for what is in none; kinds that are
            missing count 1.

    Raises:
        ValueError: ``token_weights`` has an unknown kind, or a weight below 0.
        InputError: ``single_share`` is not in 0..1.

    Attributes:
        num_cut: How many answers have been cut so far.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        direct_text_format: SceneGraphTextFormat | None = None,
        direct_share: float = 0.5,
        single_share: float = 0.0,
        max_answer_tokens: int = 1024,
        max_conversation_tokens: int | None = None,
        learn_times_of_stills: bool = False,
        token_weights: Mapping[str, float] | None = None,
    ) -> None:
        self.token_weights = dict(token_weights or {})
        check_names('token_weights', self.token_weights, (*PART_KINDS, REST))
        if min(self.token_weights.values(), default=0) < 0:
            raise ValueError(
                f'token_weights are {self.token_weights}, expected none below 0'
            )
        if not 0 <= single_share <= 1:
            raise InputError(f'single_share is {single_share}, expected 0 to 1')
        self.language_model = language_model
        self.text_format = text_format
        self.direct_text_format = direct_text_format
        self.direct_share = direct_share
        self.single_share = single_share
        self.max_answer_tokens = max_answer_tokens
        self.max_conversation_tokens = max_conversation_tokens
        self.learn_times_of_stills = learn_times_of_stills
        self.num_cut = 0

    def sample_formats(self, count: int = 1) -> list[SceneGraphTextFormat]:
        """Return the formats of the texts about the next sample.

        Args:
            count: How many texts. The first is in a format that is sampled by its
                share, and where there are two formats they take turns.
        """
        formats, direct = [self.text_format], self.direct_text_format
        if direct is not None:
            formats.append(direct)
            if torch.rand(()).item() < self.direct_share:
                formats.reverse()
        return [formats[place % len(formats)] for place in range(count)]

    def write(
        self,
        sample: SceneGraphDataSample,
        text_format: SceneGraphTextFormat | None = None,
        *,
        for_training: bool = False,
    ) -> tuple[Conversation, list[FormattedTurn]]:
        """Return a conversation, and its answers as they were written.

        Args:
            sample: A video, with ``gt_scene_graph``.
            text_format: What writes it; None takes the one for all samples.
            for_training: Whether a share of the texts tells one relation alone; False
                tells all of them.
        """
        text_format = text_format or self.text_format
        graph = sample.gt_scene_graph
        without_times = graph.num_frames == 1 and not self.learn_times_of_stills
        written = self._write_single(graph, text_format) if for_training else None
        start = None
        if written is not None:
            start = text_format.relation_start([turn.text for _, turn in written])
        elif text_format.num_turns > 1:
            written = self._shorten(graph, text_format)
        else:
            written = [self._cut(text_format.format(graph).turns[0])]
        conversation, said = Conversation(), []
        for index, (ids, turn) in enumerate(written):
            conversation.prompts.append(
                encode_turn_prompt(
                    self.language_model, text_format, sample, index, said
                )
            )
            conversation.answers.append(ids)
            untrained = frozenset()
            if without_times:
                times = [part for part in turn.text_parts if part.kind == 'times']
                untrained = self.tokens_of(turn, times)
            if start is not None and index >= start[0]:
                untrained |= {len(ids) - 1}
            conversation.untrained.append(untrained)
            if self.token_weights:
                conversation.weights.append(self._weights(turn, len(ids)))
            said.append(turn.text)
        return conversation, [turn for _, turn in written]

    def _write_single(
        self, graph: SceneGraph, text_format: SceneGraphTextFormat
    ) -> list[tuple[list[int], FormattedTurn]] | None:
        """Return answers that tell one relation, or None where all are to be told."""
        share = self.single_share if text_format.num_turns > 1 else 0.0
        if share == 0 or torch.rand(()).item() >= share or len(graph.relations) < 2:
            return None
        written = self._shorten(_with_one_relation(graph), text_format)
        # A list of objects that is too long may have lost those of the relation.
        parts = [part for _, turn in written for part in turn.text_parts]
        return written if any(part.kind == 'predicate' for part in parts) else None

    def tokens_of(
        self, turn: FormattedTurn, parts: Sequence[TextPart]
    ) -> frozenset[int]:
        """Return which tokens of an answer lie in parts of it."""
        ranges = [(part.start, part.end) for part in parts]
        return self.language_model.tokens_within(turn.text, ranges)

    def _weights(self, turn: FormattedTurn, length: int) -> list[float]:
        """Return what each of the ``length`` tokens of an answer counts."""
        weights = [float(self.token_weights.get(REST, 1.0))] * length
        for kind in {part.kind for part in turn.text_parts}:
            parts = [part for part in turn.text_parts if part.kind == kind]
            for place in self.tokens_of(turn, parts):
                weights[place] = float(self.token_weights.get(kind, 1.0))
        return weights

    def _encode(self, turn: FormattedTurn) -> list[int]:
        end = [] if turn.is_open else [self.language_model.end_token_id]
        return [*self.language_model.encode_answer(turn.text), *end]

    def _cut(self, turn: FormattedTurn) -> tuple[list[int], FormattedTurn]:
        """Encode the only answer, cut before a segment if it is too long."""
        ids = self._encode(turn)
        limit = self.max_conversation_tokens or self.max_answer_tokens
        kept = turn
        while kept.segments and len(ids) > limit:
            kept = kept.first(len(kept.segments) - 1)
            ids = self._encode(kept)
        if kept is not turn:
            self._tell(limit, len(kept.segments), len(turn.segments), 'segments')
        return ids, kept

    def _shorten(
        self, graph: SceneGraph, text_format: SceneGraphTextFormat
    ) -> list[tuple[list[int], FormattedTurn]]:
        """Encode several answers, of a smaller graph if one of them is too long.

        What one answer leaves out no later one may speak of. So the relations that
        begin last are left out, or if the list of objects is too long the last ones.
        """
        wanted = len(graph.objects) + len(graph.relations)
        while True:
            turns = text_format.format(graph).turns
            written = [(self._encode(turn), turn) for turn in turns]
            sizes = [len(ids) for ids, _ in written]
            total = self.max_conversation_tokens or sum(sizes)
            share = min(self.max_answer_tokens / max(sizes), total / sum(sizes))
            left = len(graph.objects) + len(graph.relations)
            if share >= 1 or not left:
                break
            if graph.relations and sizes[0] <= self.max_answer_tokens:
                graph = _with_relations(graph, int(share * len(graph.relations)))
            else:
                graph = _with_objects(graph, int(share * len(graph.objects)))
        if left < wanted:
            limit = min(total, self.max_answer_tokens)
            self._tell(limit, left, wanted, 'objects and relations')
        return written

    def _tell(self, limit: int, kept: int, wanted: int, what: str) -> None:
        self.num_cut += 1
        # Rarely, as every call says how many there have been: 1, 2, 4, 8 ...
        if self.num_cut & (self.num_cut - 1) == 0:
            print_log(
                f'{self.num_cut} training answer(s) cut to {limit} tokens so far, the '
                f'last one to {kept} of its {wanted} {what}; raise max_answer_tokens '
                'or max_conversation_tokens to keep all',
                logger='current',
                level=logging.WARNING,
            )


def _with_one_relation(graph: SceneGraph) -> SceneGraph:
    """Return a graph with one of its relations, sampled, and all of its objects.

    Its reason is the one that a text of all relations gives the pair: of the first in
    time that has any.
    """
    told = graph.relations[int(torch.randint(len(graph.relations), ()))]
    pair = [
        row
        for row in graph.relations
        if (row.subject, row.object) == (told.subject, told.object) and row.reason
    ]
    first = min(pair, key=lambda row: (row.span[0][0], row.predicate), default=told)
    return _rebuilt(graph, graph.objects, [replace(told, reason=first.reason)])


def _with_relations(graph: SceneGraph, count: int) -> SceneGraph:
    """Return a graph with the relations that begin first."""
    rows = sorted(graph.relations, key=lambda row: row.span[0][0])[:count]
    kept = [row for row in graph.relations if any(row is other for other in rows)]
    return _rebuilt(graph, graph.objects, kept)


def _with_objects(graph: SceneGraph, count: int) -> SceneGraph:
    """Return a graph with the first objects, and the relations among them."""
    objects = graph.objects[:count]
    ids = {item.id for item in objects}
    kept = [row for row in graph.relations if {row.subject, row.object} <= ids]
    return _rebuilt(graph, objects, kept)


def _rebuilt(
    graph: SceneGraph, objects: list[SceneObject], relations: list[Relation]
) -> SceneGraph:
    return SceneGraph(
        graph.video_id,
        graph.height,
        graph.width,
        graph.num_frames,
        objects,
        relations,
    )
