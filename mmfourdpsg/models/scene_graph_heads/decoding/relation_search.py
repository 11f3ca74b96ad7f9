"""Beam search over single relations of a scene."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.causal_language_model import CausalLanguageModel
from ...language_models.conversation_cache import ConversationCache, TokenRun
from ...text_formats import SceneGraphTextFormat
from .answer_constraint import AnswerConstraint
from .answer_endings import AnswerEndings
from .conversation import ConversationBatch
from .generated_graph import GeneratedRelation
from .grammar_constraint import GrammarConstraint
from .token_sampler import unpack_bits
from .told_relations import gather_relations
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
    texts with relations in random order begins with each of them alike, so they are
    comparable, see :func:`gather_relations`.

    Shapes: ``V`` vocabulary.

    Args:
        language_model: The language model.
        text_format: Tells where relations begin, and their grammar.
        constraints: Starts the constraint of each answer.
        width: How many conversations go on at a time.
        min_probability: Conversations that are less likely are given up.
        span_iou: Least IoU of spans that are one, see :func:`gather_relations`.
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
        cache = ConversationCache(
            self.language_model, batch.embeddings, batch.attention_mask, self.width
        )
        searches = [
            self._begin(index, sample, answers)
            for index, (sample, answers) in enumerate(
                zip(data_samples, conversations, strict=True)
            )
        ]
        while any(search.going for search in searches):
            self._step(searches, cache)
        return [
            gather_relations(
                self.text_format,
                [answer.decoded.text for answer in answers],
                search.done,
                search.sample.num_frames,
                self.span_iou,
            )
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

    def _step(self, searches: Sequence[_Search], cache: ConversationCache) -> None:
        """Go on with each hypothesis by a choice."""
        runs = [TokenRun() for _ in cache.lengths]
        limit = self.language_model.max_length or math.inf
        for search in searches:
            for item in list(search.going):
                if cache.lengths[item.row] + len(item.run) >= limit:
                    search.going.remove(item)
                    search.free.append(item.row)
                    continue
                runs[item.row] = TokenRun(item.run, [len(item.run) - 1])
                item.run = []
        rows = [row for row, run in enumerate(runs) if run.ids]
        if not rows:
            return
        logits, _ = cache.extend(runs)  # [A, V]
        place = {row: index for index, row in enumerate(rows)}
        for search in searches:
            parents = search.going
            if parents:
                values = self._values(parents, logits[[place[i.row] for i in parents]])
                cache.fork(self._branch(search, values))

    def _values(self, parents: Sequence[_Hypothesis], logits: Tensor) -> Tensor:
        """Return log-probabilities of all ways to go on ``[A, V]``.

        Args:
            parents: Hypotheses.
            logits: After each ``[A, V]``.
        """
        words = np.stack([item.constraint.allowed() for item in parents])
        allowed = unpack_bits(
            torch.from_numpy(words).to(logits.device), logits.shape[1]
        )
        values = logits.double().masked_fill(~allowed, -torch.inf).log_softmax(-1)
        # A grammar may have no way out.
        values.masked_fill_(~allowed, -torch.inf)
        for row, item in zip(values, parents, strict=True):
            if not self.text_format.is_decisive(item.turn, self._text(item)):
                # The likeliest one, at no cost.
                best = row.argmax()
                is_open = row[best] > -torch.inf
                row.fill_(-torch.inf)
                row[best] = 0.0 if is_open else -torch.inf
        before = [item.log_probability for item in parents]
        return values + torch.tensor(before, device=values.device)[:, None]

    def _floor(self, search: _Search) -> float:
        """Return the least log-probability that is worth going on with."""
        if len(search.done) < self.width:
            return self.min_log_probability
        ranked = sorted((value for value, _ in search.done), reverse=True)
        return max(self.min_log_probability, ranked[self.width - 1])

    def _branch(self, search: _Search, values: Tensor) -> list[tuple[int, int]]:
        """Keep the likeliest ways to go on.

        Args:
            search: The search of a scene.
            values: Log-probabilities of all ways to go on ``[A, V]``.

        Returns:
            Rows of the cache, and others that are to become like them.
        """
        parents, search.going = search.going, []
        floor = self._floor(search)
        best, places = values.flatten().topk(min(self.width, values.numel()))
        ways: dict[int, list[tuple[float, int]]] = {}
        for value, place in zip(best.tolist(), places.tolist(), strict=True):
            if value >= floor:
                index, token = divmod(place, values.shape[1])
                ways.setdefault(index, []).append((value, token))
        search.free += [
            item.row for index, item in enumerate(parents) if index not in ways
        ]
        copies, children = [], []
        for index, choices in ways.items():
            parent = parents[index]
            rows = [parent.row, *(search.free.pop() for _ in choices[1:])]
            copies += [(parent.row, row) for row in rows[1:]]
            for row, (value, token) in zip(rows, choices, strict=True):
                child = _Hypothesis(
                    row,
                    list(parent.texts),
                    [*parent.ids, token],
                    parent.constraint.fork(),
                    value,
                    [token],
                )
                child.constraint.accept(token)
                children.append(child)
        for child in children:
            self._write_forced(search, child)
        return copies
