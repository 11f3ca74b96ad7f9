"""Decoding by fresh generation a turn, what one cache is measured against."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from transformers import LogitsProcessor, LogitsProcessorList

from mmfourdpsg.models.scene_graph_heads.decoding.answer_constraint import (
    AnswerConstraint,
    FreeAnswer,
)
from mmfourdpsg.models.scene_graph_heads.decoding.answer_endings import AnswerEndings
from mmfourdpsg.models.scene_graph_heads.decoding.conversation import (
    Conversation,
    ConversationBatch,
    run_conversations,
)
from mmfourdpsg.models.scene_graph_heads.decoding.conversation_decoder import (
    ConversationDecoder,
)
from mmfourdpsg.models.scene_graph_heads.decoding.conversation_row import (
    token_probabilities,
)
from mmfourdpsg.models.scene_graph_heads.decoding.generated_graph import GeneratedGraph
from mmfourdpsg.models.scene_graph_heads.decoding.token_sampler import (
    TokenSampler,
    unpack_bits,
)
from mmfourdpsg.models.scene_graph_heads.decoding.turn_prompts import encode_turn_prompt
from mmfourdpsg.models.scene_graph_heads.decoding.written_answer import WrittenAnswer
from mmfourdpsg.structures import SceneGraphDataSample


class FreshDecoder:
    """Says what a :class:`ConversationDecoder` says, by ``transformers``' generation.

    Each turn generates afresh, from the scene on, with a cache of its own; greedy and
    sampled answers go apart, and a scene is read for each of them. What has to come is
    written token by token, adapters are not merged, and a second pass over the whole
    conversations finds states and probabilities. Random numbers are those of the other
    decoder, and so are all tokens but where rounding decides.

    Shapes: ``L`` scene tokens of a video, ``C`` width of the language model.

    Args:
        decoder: Says what is said, and how.

    Raises:
        ValueError: The decoder has a vote or a search, which this one has not.
    """

    def __init__(self, decoder: ConversationDecoder) -> None:
        if decoder.object_vote is not None or decoder.search is not None:
            raise ValueError('decoder: has a vote or a search, expected neither')
        self.decoder = decoder
        self.language_model = decoder.language_model
        self._endings = AnswerEndings(
            decoder.language_model, decoder.text_format, decoder.constraints
        )

    def __call__(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[GeneratedGraph]:
        """Generate scene graphs, see :class:`ConversationDecoder`."""
        answers = self.answers(scenes, data_samples, max_answer_tokens)
        return self.decoder.read_graphs(data_samples, answers)

    @torch.no_grad()
    def answers(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[list[WrittenAnswer]]:
        """Return what is said in each conversation, those about a video together.

        Args:
            scenes: Projected scene tokens ``[L, C]`` of each video.
            data_samples: What is known of the videos.
            max_answer_tokens: Longest answer of a turn, without what had to come.

        Raises:
            InputError: A conversation is longer than the model's positions reach.
        """
        size = self.decoder.num_samples
        seeds = torch.randint(2**62, (size - 1,)).tolist()
        greedy, sampled = {}, {}
        for row in range(len(scenes) * size):
            if row % size:
                seed = seeds[row % size - 1]
                sampled[row] = torch.Generator().manual_seed(seed)
            else:
                greedy[row] = None
        found: dict[int, list[WrittenAnswer]] = {}
        for generators in (greedy, sampled):
            if not generators:
                continue
            places = [row // size for row in generators]
            answers = self._converse(
                [scenes[place] for place in places],
                [data_samples[place] for place in places],
                list(generators.values()),
                max_answer_tokens,
            )
            found |= dict(zip(generators, answers, strict=True))
        return [found[row] for row in sorted(found)]

    def _converse(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        generators: Sequence[torch.Generator | None],
        limit: int,
    ) -> list[list[WrittenAnswer]]:
        text_format = self.decoder.text_format
        conversations = [Conversation() for _ in scenes]
        answers: list[list[WrittenAnswer]] = [[] for _ in scenes]
        for turn in range(text_format.num_turns):
            writers = []
            for conversation, sample, said, generator in zip(
                conversations, data_samples, answers, generators, strict=True
            ):
                texts = [answer.decoded.text for answer in said]
                conversation.prompts.append(
                    encode_turn_prompt(
                        self.language_model, text_format, sample, turn, texts
                    )
                )
                grammar = text_format.grammar(turn, texts)
                constraint = self.decoder.constraints.start(grammar)
                writers.append(_Writer(constraint, limit, generator))
            self._generate(conversations, scenes, writers)
            for conversation, said, writer in zip(
                conversations, answers, writers, strict=True
            ):
                said.append(self._end(writer, turn))
                conversation.answers.append(said[-1].ids)
        self._look_again(conversations, scenes, answers)
        return answers

    def _generate(
        self,
        conversations: Sequence[Conversation],
        scenes: Sequence[Tensor],
        writers: Sequence['_Writer'],
    ) -> None:
        """Write an answer of each conversation."""
        model = self.language_model
        batch = self._assemble(conversations, scenes)
        room = 2**20
        if model.max_length is not None:
            room = max(1, model.max_length - batch.embeddings.shape[1])
        choice = _Choice(writers, self.decoder.sampler, model.end_token_id)
        model.generate(
            batch.embeddings,
            batch.attention_mask,
            max_new_tokens=room,
            logits_processor=LogitsProcessorList([choice]),
        )

    def _end(self, writer: '_Writer', turn: int) -> WrittenAnswer:
        """Return a whole answer, closed if it got too long."""
        answer = writer.answer
        is_last = turn == self.decoder.text_format.num_turns - 1
        is_open = is_last and isinstance(writer.constraint, FreeAnswer)
        if not writer.is_complete and not is_open:
            count, rest = self._endings.kept(turn, answer.ids)
            answer.cut(count)
            for token in [*rest, self.language_model.end_token_id]:
                answer.append(token, 1.0, True)
        answer.decoded = self._endings.decode(answer.ids)
        return answer

    def _look_again(
        self,
        conversations: Sequence[Conversation],
        scenes: Sequence[Tensor],
        answers: Sequence[Sequence[WrittenAnswer]],
    ) -> None:
        """Add probabilities and states, which come of whole conversations."""
        batch = self._assemble(conversations, scenes)
        states, logits = run_conversations(self.language_model, batch)
        chosen = batch.next_labels(logits).clamp(min=0)[..., None]
        likely = token_probabilities(logits[:, :-1]).gather(-1, chosen)[..., 0].tolist()
        # The first of them is that of the position after the first logits.
        first = batch.labels.shape[1] - len(likely[0])
        for row, said in enumerate(answers):
            for answer, start in zip(said, batch.answer_starts[row], strict=True):
                for i, token in enumerate(answer.ids):
                    # What closes an answer is no choice of the model.
                    if answer.probabilities[i] != 1.0:
                        answer.probabilities[i] = likely[row][start + i - first]
                    if token == self.language_model.object_token_id:
                        answer.states[i] = states[row, start + i]

    def _assemble(
        self, conversations: Sequence[Conversation], scenes: Sequence[Tensor]
    ) -> ConversationBatch:
        model = self.language_model
        return ConversationBatch.assemble(
            conversations, list(scenes), model.embed_tokens, model.scene_token_id
        )


class _Writer:
    """An answer that is being written.

    Args:
        constraint: What it may go on with.
        limit: Most tokens that had not to come.
        generator: Of random numbers; None chooses the likeliest token.
    """

    def __init__(
        self,
        constraint: AnswerConstraint,
        limit: int,
        generator: torch.Generator | None,
    ) -> None:
        self.constraint = constraint
        self.limit = limit
        self.generator = generator
        self.answer = WrittenAnswer()
        self._to_come = constraint.forced()
        self._is_over = False

    @property
    def is_complete(self) -> bool:
        """Whether all was written up to its end."""
        return self.constraint.is_complete and not self._to_come

    def is_choosing(self) -> bool:
        """Return whether the next token is the model's choice."""
        if self._to_come or self.is_complete or self._is_over:
            return False
        has_room = self.answer.num_free < self.limit
        self._is_over = not (has_room and self.constraint.allowed().any())
        return not self._is_over

    def chance(self) -> float | None:
        """Return a random number in ``[0, 1)``, None for the likeliest token."""
        if self.generator is None:
            return None
        return torch.rand((), generator=self.generator).item()

    def choose(self, token: int) -> None:
        """Go on with a token of the model's choice."""
        self.answer.append(token, torch.nan, False)
        self.constraint.accept(token)
        self._to_come = self.constraint.forced()

    def next_forced(self) -> int | None:
        """Go on with a token that has to come; None where there is none."""
        if not self._to_come:
            return None
        token = self._to_come.pop(0)
        self.answer.append(token, torch.nan, True)
        return token


class _Choice(LogitsProcessor):
    """Has ``transformers`` write what writers choose.

    Args:
        writers: One a text.
        sampler: Chooses tokens.
        end_token_id: What is written behind an answer that is over.
    """

    def __init__(
        self, writers: Sequence[_Writer], sampler: TokenSampler, end_token_id: int
    ) -> None:
        self.writers = writers
        self.sampler = sampler
        self.end_token_id = end_token_id

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return logits that leave one token to each text, ``[B, V]``."""
        chosen = self._choose(scores)
        tokens = []
        for index, writer in enumerate(self.writers):
            token: int | None
            if index in chosen:
                token = chosen[index]
                writer.choose(token)
            else:
                token = writer.next_forced()
            tokens.append(self.end_token_id if token is None else token)
        left = torch.full_like(scores, -torch.inf)
        places = torch.tensor(tokens, device=scores.device)[:, None]
        return left.scatter_(1, places, 0.0)

    def _choose(self, scores: Tensor) -> Mapping[int, int]:
        free = [i for i, writer in enumerate(self.writers) if writer.is_choosing()]
        if not free:
            return {}
        words = np.stack([self.writers[i].constraint.allowed() for i in free])
        allowed = unpack_bits(
            torch.from_numpy(words).to(scores.device), scores.shape[1]
        )
        chances = [self.writers[i].chance() for i in free]
        return dict(
            zip(free, self.sampler(scores[free], allowed, chances), strict=True)
        )
