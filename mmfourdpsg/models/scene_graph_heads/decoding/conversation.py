"""Conversations with the language model, as input embeddings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ...language_models.causal_language_model import CausalLanguageModel

IGNORED = -100
"""Label of positions that do not train, as torch's cross-entropy has it."""


@dataclass
class Conversation:
    """User prompts and answers, by turns, as token ids.

    Attributes:
        prompts: Token ids of each prompt; the first holds the scene's place.
        answers: Token ids of each answer; one fewer than prompts while the next
            answer is still to come.
        untrained: For each answer, the places of its tokens that are not to be
            learned; without entries, all are.
        weights: For each answer, what its tokens count in the loss; without entries,
            all count alike.
    """

    prompts: list[list[int]] = field(default_factory=list)
    answers: list[list[int]] = field(default_factory=list)
    untrained: list[frozenset[int]] = field(default_factory=list)
    weights: list[list[float]] = field(default_factory=list)


@dataclass
class ConversationBatch:
    """Conversations as one batch, padded on the left.

    On the left, because then every conversation ends at the right edge: generation
    goes on from there, and only the last logits need computing.

    Shapes: ``B`` conversations, ``S`` positions, ``C`` channels.

    Attributes:
        embeddings: Input embeddings ``[B, S, C]``, 0 on padding.
        attention_mask: ``[B, S]``, False on padding.
        labels: Token id at each answer position ``[B, S]``, ``IGNORED`` elsewhere and
            where an answer is not to be learned.
        answer_starts: Position of the first token of each answer, by conversation.
        weights: What each position's label counts in the loss ``[B, S]``; None where
            all count alike.
    """

    embeddings: Tensor
    attention_mask: Tensor
    labels: Tensor
    answer_starts: list[list[int]]
    weights: Tensor | None = None

    @classmethod
    def assemble(
        cls,
        conversations: Sequence[Conversation],
        scenes: list[Tensor],
        embed_tokens: Callable[[Tensor], Tensor],
        scene_token_id: int,
    ) -> 'ConversationBatch':
        """Put conversations and scene tokens together.

        Args:
            conversations: The conversations.
            scenes: Projected scene tokens ``[L_b, C]``, which take the place of
                ``<scene>``.
            embed_tokens: Embeds token ids ``[...]`` as ``[..., C]``.
            scene_token_id: Id of ``<scene>``.
        """

        def embed(ids: list[int], device: torch.device) -> Tensor:
            return embed_tokens(torch.tensor(ids, dtype=torch.long, device=device))

        rows, labels, starts = [], [], []
        for conversation, scene in zip(conversations, scenes, strict=True):
            parts, targets, begins = [], [], []
            for index, prompt in enumerate(conversation.prompts):
                segments: list = [prompt]
                if scene_token_id in prompt:
                    place = prompt.index(scene_token_id)
                    segments = [prompt[:place], scene, prompt[place + 1 :]]
                answers = conversation.answers[index : index + 1]
                for segment in segments + answers:
                    if isinstance(segment, list):
                        segment = embed(segment, scene.device)
                    parts.append(segment)
                    targets += [IGNORED] * len(segment)
                for answer in answers:
                    begins.append(len(targets) - len(answer))
                    targets[begins[-1] :] = answer
                    for untrained in conversation.untrained[index : index + 1]:
                        for place in untrained:
                            targets[begins[-1] + place] = IGNORED
            row = torch.cat([part.to(parts[0].dtype) for part in parts])
            rows.append(row)
            labels.append(torch.tensor(targets, device=row.device))
            starts.append(begins)

        size = max(len(row) for row in rows)
        begun = [
            [size - len(row) + begin for begin in begins]
            for row, begins in zip(rows, starts, strict=True)
        ]
        mask = [
            torch.ones(len(row), dtype=torch.bool, device=row.device) for row in rows
        ]
        return cls(
            _pad_left(rows, 0.0),
            _pad_left(mask, False),
            _pad_left(labels, IGNORED),
            begun,
            _weights(conversations, begun, size, rows[0].device),
        )

    def next_labels(self, logits: Tensor) -> Tensor:
        """Return the labels ``[B, n - 1]`` of what follows all but the last logits.

        Args:
            logits: ``[B, n, V]``, of the last positions.
        """
        return self.labels[:, self.labels.shape[1] - logits.shape[1] + 1 :]

    def next_weights(self, logits: Tensor) -> Tensor | None:
        """Return the weights ``[B, n - 1]`` of :meth:`next_labels`, if there are any.

        Args:
            logits: ``[B, n, V]``, of the last positions.
        """
        if self.weights is None:
            return None
        return self.weights[:, self.weights.shape[1] - logits.shape[1] + 1 :]


def run_conversations(
    language_model: CausalLanguageModel, batch: ConversationBatch
) -> tuple[Tensor, Tensor]:
    """Run a language model over whole conversations.

    Args:
        language_model: The language model.
        batch: The conversations.

    Returns:
        Last hidden states ``[B, S, C]``, and logits ``[B, n, V]`` of the last ``n``
        positions, from one before the first answer on.
    """
    first = min(min(starts) for starts in batch.answer_starts)
    num_logits = batch.labels.shape[1] - first + 1
    return language_model(batch.embeddings, batch.attention_mask, num_logits)


def _weights(
    conversations: Sequence[Conversation],
    answer_starts: list[list[int]],
    size: int,
    device: torch.device,
) -> Tensor | None:
    """Return what each position counts ``[B, size]``, None where all count alike."""
    if not any(conversation.weights for conversation in conversations):
        return None
    weights = torch.ones(len(conversations), size, device=device)
    rows = zip(weights, conversations, answer_starts, strict=True)
    for row, conversation, starts in rows:
        for values, start in zip(conversation.weights, starts, strict=False):
            row[start : start + len(values)] = torch.tensor(values, device=device)
    return weights


def _pad_left(rows: list[Tensor], value: float) -> Tensor:
    return pad_sequence(
        rows, batch_first=True, padding_value=value, padding_side='left'
    )
