"""Beam search over single relations of a scene."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.structures.span import Span, cover_spans

from ...language_models.causal_language_model import CausalLanguageModel
from ...language_models.conversation_cache import ConversationCache, TokenRun
from ...text_formats import SceneGraphTextFormat
from .answer_constraint import AnswerConstraint
from .answer_endings import AnswerEndings
from .conversation import ConversationBatch
from .generated_graph import GeneratedRelation
from .grammar_constraint import GrammarConstraint
from .token_sampler import unpack_bits
from .turn_prompts import encode_turn_prompt
from .written_answer import WrittenAnswer


@dataclass
class _Hypothesis:
    """A conversation that tells one relation, as far as it is written.

    Attributes:
        row: Its place in the cache.
        texts: The answers before the one that is being written.
        ids: Tokens of that one.
        constraint: What it may go on with.
        log_probability: Of all choices so far.
        run: Tokens that the model has not read.
    """

    row: int
    texts: list[str]
    ids: list[int]
    constraint: AnswerConstraint
    log_probability: float = 0.0
    run: list[int] = field(default_factory=list)

    @property
    def turn(self) -> int:
        """Which answer is being written."""
        return len(self.texts)


@dataclass
class _Search:
    """What is known of a scene's relations.

    Attributes:
        sample: What is known of the video.
        going: Hypotheses that are being written.
        done: Answers of those that are complete, and their log-probability.
        free: Rows of the cache that nothing needs.
    """

    sample: SceneGraphDataSample
    going: list[_Hypothesis]
    done: list[tuple[float, list[str]]]
    free: list[int]


class RelationSearch:
    """Asks a language model for the relations of listed objects one by one.

    A sampled text tells some relations, and what it did not happen to tell is lost.
    Here every conversation tells one relation, and beam search finds the likeliest of
    all that could be told: who, what, whom and when. A model that has learned from
    texts with relations in random order begins with each of them alike, so that the
    probability of a relation as the first one, times their number, is the probability
    that it holds.

    Shapes: ``V`` vocabulary.

    Args:
        language_model: The language model.
        text_format: Tells where relations begin, and their grammar.
        constraints: Starts the constraint of each answer.
        width: How many conversations go on at a time.
        min_probability: Conversations that are less likely are given up.
        span_iou: Least IoU of spans that are one, see :func:`group_spans`; the
            probability of a relation is the sum over them.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        constraints: GrammarConstraint,
        width: int = 32,
        min_probability: float = 1e-4,
        span_iou: float = 0.5,
    ) -> None:
        self.language_model = language_model
        self.text_format = text_format
        self.constraints = constraints
        self.width = width
        self.min_log_probability = math.log(min_probability)
        self.span_iou = span_iou
        self.endings = AnswerEndings(language_model, text_format, constraints)

    def __call__(
        self,
        batch: ConversationBatch,
        data_samples: Sequence[SceneGraphDataSample],
        conversations: Sequence[Sequence[WrittenAnswer]],
    ) -> list[list[GeneratedRelation]]:
        """Find relations.

        Args:
            batch: Scenes and first prompts.
            data_samples: What is known of the videos.
            conversations: A conversation about each, whose objects they relate.

        Returns:
            Relations of each video, the likeliest first. Objects are counted as the
            conversation lists them.
        """
        self.cache = ConversationCache(
            self.language_model, batch.embeddings, batch.attention_mask, self.width
        )
        searches = [
            self._begin(index, sample, answers)
            for index, (sample, answers) in enumerate(
                zip(data_samples, conversations, strict=True)
            )
        ]
        while any(search.going for search in searches):
            self._step(searches)
        del self.cache
        return [
            self._relations(search, answers)
            for search, answers in zip(searches, conversations, strict=True)
        ]

    def _begin(
        self,
        index: int,
        sample: SceneGraphDataSample,
        answers: Sequence[WrittenAnswer],
    ) -> _Search:
        """Begin with what a conversation said before its relations."""
        first = index * self.width
        search = _Search(sample, [], [], list(range(first + 1, first + self.width)))
        texts = [answer.decoded.text for answer in answers]
        start = self.text_format.relation_start(texts)
        if start is None:
            return search
        turn, before = start
        run: list[int] = []
        for place in range(turn):
            # The first prompt is what the cache begins with.
            run += self._prompt(search, place, texts) if place else []
            run += answers[place].ids
        written = answers[turn]
        ends = written.decoded.ends
        kept = written.ids[: sum(end <= len(before) for end in ends)] if before else []
        hypothesis = _Hypothesis(first, texts[:turn], [], None, run=run)
        self._begin_answer(search, hypothesis, before, kept)
        self._write_forced(search, hypothesis)
        return search

    def _prompt(self, search: _Search, turn: int, texts: Sequence[str]) -> list[int]:
        return encode_turn_prompt(
            self.language_model, self.text_format, search.sample, turn, texts[:turn]
        )

    def _begin_answer(
        self,
        search: _Search,
        hypothesis: _Hypothesis,
        before: str = '',
        kept: Sequence[int] = (),
    ) -> None:
        """Begin the next answer of a hypothesis.

        Args:
            search: The search of its scene.
            hypothesis: The hypothesis.
            before: What of the answer comes before its relation.
            kept: The tokens of that, as they were written.
        """
        if hypothesis.turn:
            hypothesis.run += self._prompt(search, hypothesis.turn, hypothesis.texts)
        prefix, grammar = self.text_format.relation_grammar(
            hypothesis.turn, hypothesis.texts, before
        )
        hypothesis.ids = list(kept)
        if prefix and not kept:
            hypothesis.ids += self.constraints.vocabulary.encode(prefix, True)
        hypothesis.run += hypothesis.ids
        hypothesis.constraint = self.constraints.start(grammar, is_new=not prefix)

    def _write_forced(self, search: _Search, hypothesis: _Hypothesis) -> None:
        """Write what has to come, up to the next choice or the end."""
        while True:
            forced = hypothesis.constraint.forced()
            hypothesis.ids += forced
            hypothesis.run += forced
            if not hypothesis.constraint.is_complete:
                search.going.append(hypothesis)
                return
            hypothesis.texts.append(self._text(hypothesis))
            if hypothesis.turn == self.text_format.num_turns:
                search.done.append((hypothesis.log_probability, hypothesis.texts))
                search.free.append(hypothesis.row)
                return
            self._begin_answer(search, hypothesis)

    def _text(self, hypothesis: _Hypothesis) -> str:
        return self.endings.decode(hypothesis.ids).text

    def _step(self, searches: Sequence[_Search]) -> None:
        """Go on with each hypothesis by a choice."""
        runs = [TokenRun() for _ in self.cache.lengths]
        limit = self.language_model.max_length or math.inf
        for search in searches:
            for item in list(search.going):
                if self.cache.lengths[item.row] + len(item.run) >= limit:
                    search.going.remove(item)
                    search.free.append(item.row)
                    continue
                runs[item.row] = TokenRun(item.run, [len(item.run) - 1])
                item.run = []
        rows = [row for row, run in enumerate(runs) if run.ids]
        if not rows:
            return
        logits, _ = self.cache.extend(runs)  # [A, V]
        place = {row: index for index, row in enumerate(rows)}
        for search in searches:
            if search.going:
                self._branch(search, logits[[place[item.row] for item in search.going]])

    def _branch(self, search: _Search, logits: Tensor) -> None:
        """Keep the likeliest ways to go on.

        Args:
            search: The search of a scene.
            logits: After each of its hypotheses ``[A, V]``.
        """
        parents, search.going = search.going, []
        words = np.stack([item.constraint.allowed() for item in parents])
        allowed = unpack_bits(
            torch.from_numpy(words).to(logits.device), logits.shape[1]
        )
        values = logits.double().masked_fill(~allowed, -torch.inf).log_softmax(-1)
        for index, item in enumerate(parents):
            if not allowed[index].any():
                values[index] = -torch.inf
            elif not self.text_format.is_decisive(item.turn, self._text(item)):
                # The likeliest one, at no cost.
                best = values[index].argmax()
                values[index] = -torch.inf
                values[index, best] = 0.0
        before = [item.log_probability for item in parents]
        values += torch.tensor(before, device=values.device)[:, None]
        floor = self.min_log_probability
        if len(search.done) >= self.width:
            ranked = sorted((value for value, _ in search.done), reverse=True)
            floor = max(floor, ranked[self.width - 1])
        count = min(self.width, values.numel())
        best, places = values.flatten().topk(count)
        children: dict[int, list[tuple[float, int]]] = {}
        for value, flat in zip(best.tolist(), places.tolist(), strict=True):
            if value >= floor:
                index, token = divmod(flat, values.shape[1])
                children.setdefault(index, []).append((value, token))
        search.free += [
            item.row for index, item in enumerate(parents) if index not in children
        ]
        copies, born = [], []
        for index, ways in children.items():
            parent = parents[index]
            for number, (value, token) in enumerate(ways):
                is_last = number == len(ways) - 1
                child = replace(
                    parent,
                    row=parent.row if is_last else search.free.pop(),
                    texts=list(parent.texts),
                    ids=list(parent.ids),
                    constraint=parent.constraint
                    if is_last
                    else parent.constraint.fork(),
                    log_probability=value,
                    run=[token],
                )
                if not is_last:
                    copies.append((parent.row, child.row))
                child.constraint.accept(token)
                child.ids.append(token)
                born.append(child)
        self.cache.fork(copies)
        for child in born:
            self._write_forced(search, child)

    def _relations(
        self, search: _Search, answers: Sequence[WrittenAnswer]
    ) -> list[GeneratedRelation]:
        """Return what was found, one row for each triplet and span."""
        texts = [answer.decoded.text for answer in answers]
        num_frames = search.sample.num_frames
        parsed = self.text_format.parse(texts, num_frames)
        indices = {
            (item.category, item.number): i for i, item in enumerate(parsed.objects)
        }
        rows: dict[tuple[int, str, int], list[tuple[float, Span, str]]] = {}
        for value, told in search.done:
            graph = self.text_format.parse(told, num_frames)
            keys = [(item.category, item.number) for item in graph.objects]
            for row in graph.relations:
                ends = indices[keys[row.subject]], indices[keys[row.object]]
                rows.setdefault((ends[0], row.predicate, ends[1]), []).append(
                    (math.exp(value), row.span, row.reason)
                )
        number = max(1, len(parsed.relations))
        found = []
        for (subject, predicate, obj), alike in rows.items():
            chances, spans, reasons = zip(*alike, strict=True)
            for index, chance in cover_spans(spans, chances, self.span_iou):
                found.append(
                    GeneratedRelation(
                        subject,
                        predicate,
                        obj,
                        spans[index],
                        min(1.0, number * chance),
                        reasons[index],
                    )
                )
        return sorted(found, key=lambda row: -row.score)
