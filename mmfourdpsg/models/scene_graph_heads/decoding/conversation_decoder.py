"""Samples scene graphs from a conversation with the language model."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.causal_language_model import CausalLanguageModel
from ...language_models.conversation_cache import ConversationCache
from ...text_formats import SceneGraphTextFormat
from .answer_endings import closing_size
from .conversation import Conversation, ConversationBatch
from .conversation_row import ConversationRow
from .generated_graph import GeneratedGraph
from .grammar_constraint import GrammarConstraint, check_grammar_package
from .graph_scoring import check_score_tokens, score_graph
from .held_conversations import HeldConversations
from .object_vote import ObjectVote
from .relation_search import RelationSearch
from .sample_union import unite_samples
from .token_sampler import TokenSampler
from .turn_prompts import encode_turn_prompt
from .written_answer import WrittenAnswer


class ConversationDecoder:
    """Has a language model talk about scenes, and reads graphs off its answers.

    A scene and the first prompt are run once for all samples, and all that follows
    once (:class:`ConversationCache`). Answers follow the grammar of the text format,
    and what has to come is run at once. No conversation waits for others, unless what
    is known after each turn is asked for.

    An answer that gets too long is closed behind what can still be read, see
    :meth:`SceneGraphTextFormat.close`, and the conversation goes on. One that ends the
    conversation and follows no grammar stays as far as it was written.

    Shapes: ``B`` videos, ``L`` scene tokens of one, ``C`` width of the language model,
    ``V`` its vocabulary.

    Args:
        language_model: The language model.
        text_format: What is asked, and how answers are read.
        first_only: Whether the state behind an object's first ``[Obj]`` is its prompt,
            rather than the mean over all of them.
        num_samples: Answers of each video, which are united, see
            :func:`unite_samples`. The first is greedy, the others are sampled, all at
            once, with random numbers of their own that torch's global generator seeds.
        sampling: Arguments of :class:`TokenSampler` for them.
        score_tokens: What scores are means over, see :func:`score_graph`.
        span_iou: Least IoU of spans that are one, see :func:`unite_samples`.
        merge_adapters: Whether LoRA is merged into the weights meanwhile, see
            :meth:`CausalLanguageModel.decoding`.
        search: Arguments of :class:`RelationSearch`, which then finds the relations
            among the objects of the first sample; where it finds none, and without it,
            relations are those of the samples.
        object_vote: Arguments of :class:`ObjectVote`, which then finds the objects
            that each sample lists, and how likely they are. Where none is elected, a
            sample lists what it likes.

    Raises:
        InputError: Answers follow a grammar, and xgrammar is missing.
        ValueError: ``score_tokens`` is no such name, or there is a search and answers
            follow no grammar, or a vote and they list no objects.

    Attributes:
        constraints: Starts the constraint of each answer.
        sampler: Chooses tokens.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        first_only: bool = False,
        num_samples: int = 1,
        sampling: Mapping[str, Any] | None = None,
        score_tokens: str = 'unforced',
        span_iou: float = 0.5,
        merge_adapters: bool = True,
        search: Mapping[str, Any] | None = None,
        object_vote: Mapping[str, Any] | None = None,
    ) -> None:
        check_score_tokens(score_tokens)
        if text_format.grammar(0, []) is not None:
            check_grammar_package(type(text_format).__name__)
        self.language_model = language_model
        self.text_format = text_format
        self.first_only = first_only
        self.num_samples = num_samples
        self.score_tokens = score_tokens
        self.span_iou = span_iou
        self.merge_adapters = merge_adapters
        self.sampler = TokenSampler(**(sampling or {}))
        self.constraints = GrammarConstraint(language_model)
        self.search = None
        if search is not None:
            if text_format.grammar(0, []) is None:
                raise ValueError(
                    f'search: the form of {type(text_format).__name__} has no grammar, '
                    'expected one'
                )
            self.search = RelationSearch(
                language_model,
                text_format,
                self.constraints,
                **dict(dict(span_iou=span_iou), **search),
            )

        self.object_vote = None
        if object_vote is not None:
            self.object_vote = ObjectVote(
                language_model, text_format, self.constraints, **object_vote
            )

    def __call__(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[GeneratedGraph]:
        """Generate scene graphs.

        A relation's score is the mean probability of its tokens, an object's that of
        the tokens of its mentions, both as means over the samples. Probabilities are
        those that the model gave, whatever the grammar or the sampling made of them.
        With a search a relation's score is how likely it is to hold, with a vote that
        of an elected object is its share of the votes.

        Args:
            scenes: Projected scene tokens ``[L, C]`` of each video.
            data_samples: What is known of the videos: ``num_frames``, ``fps``.
            max_answer_tokens: Longest answer of a turn, without what had to come.

        Returns:
            Each video's graph, its relations sorted by score.

        Raises:
            InputError: Scene and prompts are longer than the model's positions reach.
        """
        *_, graphs = self._graphs(scenes, data_samples, max_answer_tokens, False)
        return graphs

    def answers(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[list[WrittenAnswer]]:
        """Return what is said in each conversation, those about a video together.

        Args:
            scenes: As of a call.
            data_samples: Likewise.
            max_answer_tokens: Likewise.
        """
        *_, rows = self._converse(scenes, data_samples, max_answer_tokens, False)
        return [row.answers for row in rows]

    def decode(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> Iterator[list[GeneratedGraph]]:
        """Generate scene graphs, and yield what is known of them after every turn.

        Adapters are merged until the iterator ends or is closed.

        Args:
            scenes: As of a call.
            data_samples: Likewise.
            max_answer_tokens: Likewise.

        Yields:
            Each video's graph so far; those of the last turn are what a call returns.
        """
        yield from self._graphs(scenes, data_samples, max_answer_tokens, True)

    def _graphs(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
        each_turn: bool,
    ) -> Iterator[list[GeneratedGraph]]:
        """Yield graphs after each turn, or after the last one alone."""
        last = self.text_format.num_turns - 1 if each_turn else 0
        held = self._converse(scenes, data_samples, max_answer_tokens, each_turn)
        for turn, rows in enumerate(held):
            graphs = self.read_graphs(data_samples, [row.answers for row in rows])
            for graph, row in zip(graphs, rows[:: self.num_samples], strict=True):
                counts: Counter[str] = Counter()
                for item in graph.objects:
                    counts[item.category] += 1
                    key = item.category, counts[item.category]
                    item.score = row.listed.get(key, item.score)
            if turn == last and self.search is not None:
                firsts = [row.answers for row in rows[:: self.num_samples]]
                with self.language_model.decoding(self.merge_adapters):
                    found = self.search(
                        self._first_prompts(scenes, data_samples), data_samples, firsts
                    )
                for graph, relations in zip(graphs, found, strict=True):
                    graph.relations = relations or graph.relations
            yield graphs

    def _first_prompts(
        self, scenes: Sequence[Tensor], data_samples: Sequence[SceneGraphDataSample]
    ) -> ConversationBatch:
        """Return scenes and first prompts."""
        model = self.language_model
        prompts = [
            Conversation([encode_turn_prompt(model, self.text_format, sample, 0, [])])
            for sample in data_samples
        ]
        return ConversationBatch.assemble(
            prompts, list(scenes), model.embed_tokens, model.scene_token_id
        )

    def _converse(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
        each_turn: bool,
    ) -> Iterator[list[ConversationRow]]:
        """Hold the conversations, and yield them.

        Args:
            scenes: As of a call.
            data_samples: Likewise.
            max_answer_tokens: Likewise.
            each_turn: Whether they are yielded after each turn, or after the last one
                alone, so that none has to wait for others.
        """
        model, num_turns = self.language_model, self.text_format.num_turns
        batch = self._first_prompts(scenes, data_samples)
        needs = self._needs(data_samples[0])
        model.check_length(batch.embeddings.shape[1] + sum(needs))
        with model.decoding(self.merge_adapters):
            votes: list[dict[tuple[str, int], float]] = [{} for _ in data_samples]
            if self.object_vote is not None:
                votes = self.object_vote(batch, data_samples, max_answer_tokens)
            cache = ConversationCache(
                model, batch.embeddings, batch.attention_mask, self.num_samples
            )
            rows = self._rows(data_samples, cache.first_logits, votes)
            held = HeldConversations(
                model, self.text_format, self.constraints, self.sampler, cache, rows
            )
            reserves = [sum(needs[turn + 1 :]) for turn in range(num_turns)]
            turns = [[turn] for turn in range(num_turns)]
            for together in turns if each_turn else [range(num_turns)]:
                held.answer(together, max_answer_tokens, reserves)
                held.read([row for row in rows if row.is_wanting])
                yield rows

    def _needs(self, sample: SceneGraphDataSample) -> list[int]:
        """Return how many tokens each turn has at least, without the first prompt."""
        model, text_format = self.language_model, self.text_format
        needs, said = [], []
        for turn in range(text_format.num_turns):
            size = closing_size(model, text_format, turn) + 1
            if turn:
                prompt = encode_turn_prompt(model, text_format, sample, turn, said)
                size += len(prompt)
            said.append(text_format.close(turn, ''))
            needs.append(size)
        return needs

    def _rows(
        self,
        data_samples: Sequence[SceneGraphDataSample],
        logits: Tensor,
        votes: Sequence[Mapping[tuple[str, int], float]],
    ) -> list[ConversationRow]:
        # The same for all videos, so that a graph does not depend on its batch.
        seeds = [None, *torch.randint(2**62, (self.num_samples - 1,)).tolist()]
        object_id = self.language_model.object_token_id
        rows: list[ConversationRow] = []
        for *known, listed in zip(data_samples, logits, votes, strict=True):
            for seed in seeds:
                row = ConversationRow(len(rows), *known, object_id, seed, listed)
                rows.append(row)
        return rows

    def read_graphs(
        self,
        data_samples: Sequence[SceneGraphDataSample],
        conversations: Sequence[Sequence[WrittenAnswer]],
    ) -> list[GeneratedGraph]:
        """Read the graph of each video.

        Args:
            data_samples: What is known of the videos.
            conversations: What was said in each conversation, see :meth:`answers`.
        """
        model, size = self.language_model, self.num_samples
        no_states = next(model.parameters()).new_zeros(0, model.embed_dims)
        graphs, keys = [], []
        for index, answers in enumerate(conversations):
            texts = [answer.decoded.text for answer in answers]
            num_frames = data_samples[index // size].num_frames
            parsed = self.text_format.parse(texts, num_frames)
            scored = score_graph(
                parsed, answers, no_states, self.first_only, self.score_tokens
            )
            graphs.append(scored)
            keys.append([(item.category, item.number) for item in parsed.objects])
        return [
            unite_samples(graphs[i : i + size], keys[i : i + size], self.span_iou)
            for i in range(0, len(graphs), size)
        ]
