"""Samples scene graphs from a conversation with the language model."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.causal_language_model import CausalLanguageModel
from ...special_tokens import OBJECT_TOKEN
from ...text_formats import SceneGraphTextFormat
from .conversation import Conversation, ConversationBatch, run_conversations
from .decoded_answer import DecodedAnswer
from .generated_graph import GeneratedGraph
from .graph_scoring import score_graph
from .sample_union import unite_samples
from .turn_prompts import encode_turn_prompt


class ConversationDecoder:
    """Has a language model talk about scenes, and reads graphs off its answers.

    Shapes: ``B`` videos, ``L`` scene tokens of one, ``C`` width of the language model.

    Args:
        language_model: The language model.
        text_format: What is asked, and how answers are read.
        first_only: Whether the state behind an object's first ``[Obj]`` is its prompt,
            rather than the mean over all of them.
        num_samples: Answers of each video, which are united, see
            :func:`unite_samples`. The first is greedy, the others are sampled, all at
            once.
        sampling: Options of :class:`transformers.GenerationConfig` for them; None is a
            temperature of 1 and a ``top_p`` of 0.9.

    Attributes:
        logits_processors: Callables (token ids ``[B, S]``, logits ``[B, V]``) ->
            logits, which constrain generation.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        first_only: bool = False,
        num_samples: int = 1,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        self.language_model = language_model
        self.text_format = text_format
        self.first_only = first_only
        self.num_samples = num_samples
        self.sampling = dict(sampling or dict(temperature=1.0, top_p=0.9))
        self.logits_processors: list = []

    def __call__(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[GeneratedGraph]:
        """Generate scene graphs.

        A relation's score is the mean probability of its tokens, an object's that of
        the tokens of its mentions, both as means over the samples. Probabilities and
        states are those of one pass over the whole answer, as in training.

        Args:
            scenes: Projected scene tokens ``[L, C]`` of each video.
            data_samples: What is known of the videos: ``num_frames``, ``fps``.
            max_answer_tokens: Longest answer of a turn.

        Returns:
            Each video's graph, its relations sorted by score.
        """
        found = [
            [row] for row in self._sample(scenes, data_samples, max_answer_tokens, {})
        ]
        more = self.num_samples - 1
        if more:
            # A step takes little longer for many answers than for one.
            sampled = self._sample(
                [scene for scene in scenes for _ in range(more)],
                [sample for sample in data_samples for _ in range(more)],
                max_answer_tokens,
                dict(do_sample=True, **self.sampling),
            )
            for index, rows in enumerate(found):
                rows += sampled[index * more : (index + 1) * more]
        return [
            unite_samples([graph for graph, _ in rows], [keys for _, keys in rows])
            for rows in found
        ]

    def _sample(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
        options: dict,
    ) -> list[tuple[GeneratedGraph, list[tuple[str, int]]]]:
        """Generate one graph a scene, with category and number of its objects."""
        model, text_format = self.language_model, self.text_format
        conversations = [Conversation() for _ in data_samples]
        texts: list[list[str]] = [[] for _ in data_samples]
        for turn in range(text_format.num_turns):
            for conversation, sample, said in zip(
                conversations, data_samples, texts, strict=True
            ):
                prompt = encode_turn_prompt(model, text_format, sample, turn, said)
                conversation.prompts.append(prompt)
            batch = self._assemble(conversations, scenes)
            answers = model.generate(
                batch.embeddings,
                batch.attention_mask,
                max_new_tokens=max_answer_tokens,
                logits_processor=self.logits_processors or None,
                **options,
            )
            for conversation, said, answer in zip(
                conversations, texts, answers, strict=True
            ):
                conversation.answers.append(answer)
                said.append(self._decode(answer).text)
        batch = self._assemble(conversations, scenes)
        states, logits = run_conversations(model, batch)
        labels = batch.next_labels(logits)
        chosen = labels.clamp(min=0)[..., None]
        probabilities = logits[:, :-1].float().softmax(-1).gather(-1, chosen)[..., 0]
        # One value a position, like the states: [B, S].
        missing = batch.labels.shape[1] - probabilities.shape[1]
        probabilities = F.pad(probabilities, (missing, 0))
        found = []
        for index, (conversation, sample) in enumerate(
            zip(conversations, data_samples, strict=True)
        ):
            parsed = text_format.parse(texts[index], sample.num_frames)
            graph = score_graph(
                parsed,
                [self._decode(ids) for ids in conversation.answers],
                batch.answer_starts[index],
                probabilities[index].tolist(),
                states[index],
                self.first_only,
            )
            keys = [(item.category, item.number) for item in parsed.objects]
            found.append((graph, keys))
        return found

    def _assemble(
        self, conversations: Sequence[Conversation], scenes: Sequence[Tensor]
    ) -> ConversationBatch:
        model = self.language_model
        return ConversationBatch.assemble(
            conversations, list(scenes), model.embed_tokens, model.scene_token_id
        )

    def _decode(self, ids: list[int]) -> DecodedAnswer:
        model = self.language_model
        return DecodedAnswer.from_ids(
            [token for token in ids if token != model.end_token_id],
            model.decode,
            model.object_token_id,
            OBJECT_TOKEN,
        )
