"""Conversations with the language model in which the answers are annotated texts."""

import logging
from collections.abc import Sequence

import torch
from mmengine.logging import print_log

from mmfourdpsg.structures import SceneGraphDataSample

from ..language_models.causal_language_model import CausalLanguageModel
from ..text_formats import FormattedTurn, SceneGraphTextFormat, TextPart
from .decoding.conversation import Conversation
from .decoding.turn_prompts import encode_turn_prompt


class TrainingConversations:
    """Writes the conversations that the language model learns.

    Args:
        language_model: Encodes prompts and answers.
        text_format: Writes them.
        direct_text_format: Writes those of some samples instead, in one answer; None
            writes all of them alike.
        direct_share: Share of the samples that it writes, by chance, drawn from torch's
            global generator.
        max_answer_tokens: Longest answer, with its end-of-text token. A longer one is
            cut before a segment, without an end-of-text token, and counted in a
            warning.
        max_conversation_tokens: Most tokens of all answers of a conversation, in the
            same way; None sets no limit.
        learn_times_of_stills: Whether the times of relations are learned from single
            images, see :class:`LLMSceneGraphHead`.

    Attributes:
        num_cut: How many answers have been cut so far.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        direct_text_format: SceneGraphTextFormat | None = None,
        direct_share: float = 0.5,
        max_answer_tokens: int = 1024,
        max_conversation_tokens: int | None = None,
        learn_times_of_stills: bool = False,
    ) -> None:
        self.language_model = language_model
        self.text_format = text_format
        self.direct_text_format = direct_text_format
        self.direct_share = direct_share
        self.max_answer_tokens = max_answer_tokens
        self.max_conversation_tokens = max_conversation_tokens
        self.learn_times_of_stills = learn_times_of_stills
        self.num_cut = 0

    def sample_format(self) -> SceneGraphTextFormat:
        """Return the format in which the next sample is written."""
        direct = self.direct_text_format
        if direct is not None and torch.rand(()).item() < self.direct_share:
            return direct
        return self.text_format

    def write(
        self,
        sample: SceneGraphDataSample,
        text_format: SceneGraphTextFormat | None = None,
    ) -> tuple[Conversation, list[FormattedTurn]]:
        """Return a conversation, and its answers as they were written.

        Args:
            sample: A video, with ``gt_scene_graph``.
            text_format: What writes it; None takes the one for all samples.
        """
        conversation, turns = Conversation(), []
        text_format = text_format or self.text_format
        graph = sample.gt_scene_graph
        without_times = graph.num_frames == 1 and not self.learn_times_of_stills
        left = self.max_conversation_tokens
        for index, turn in enumerate(text_format.format(graph).turns):
            prompt = encode_turn_prompt(
                self.language_model,
                text_format,
                sample,
                index,
                [turn.text for turn in turns],
            )
            conversation.prompts.append(prompt)
            limit = self.max_answer_tokens
            if left is not None:
                limit = min(limit, left)
            ids, turn = self._fit(turn, limit)
            if left is not None:
                left -= len(ids)
            conversation.answers.append(ids)
            if without_times:
                times = [part for part in turn.text_parts if part.kind == 'times']
                conversation.untrained.append(self.tokens_of(turn, times))
            turns.append(turn)
        return conversation, turns

    def tokens_of(
        self, turn: FormattedTurn, parts: Sequence[TextPart]
    ) -> frozenset[int]:
        """Return which tokens of an answer lie in parts of it."""
        ranges = [(part.start, part.end) for part in parts]
        return self.language_model.tokens_within(turn.text, ranges)

    def _fit(self, turn: FormattedTurn, limit: int) -> tuple[list[int], FormattedTurn]:
        """Encode an answer, cut before a segment if it is too long."""
        encode = self.language_model.encode_answer
        ids = encode(turn.text)
        if len(ids) < limit:
            end = [] if turn.is_open else [self.language_model.end_token_id]
            return [*ids, *end], turn
        self.num_cut += 1
        kept = turn
        while kept.segments and len(ids) > limit:
            kept = kept.first(len(kept.segments) - 1)
            ids = encode(kept.text)
        # Rarely, as every call says how many there have been: 1, 2, 4, 8 ...
        if self.num_cut & (self.num_cut - 1) == 0:
            print_log(
                f'{self.num_cut} training answer(s) cut to {limit} tokens so far, the '
                f'last one to {len(kept.segments)} of its {len(turn.segments)} '
                'segments; raise max_answer_tokens or max_conversation_tokens to keep '
                'all',
                logger='current',
                level=logging.WARNING,
            )
        return ids, kept
