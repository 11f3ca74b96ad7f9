"""The language model as a scene graph head."""

from collections.abc import Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import SceneGraphDataSample

from ..text_formats import SceneGraphTextFormat
from .decoding.conversation import (
    IGNORED,
    Conversation,
    ConversationBatch,
    run_conversations,
)
from .decoding.conversation_decoder import ConversationDecoder
from .decoding.generated_graph import GeneratedGraph
from .object_prompts import ObjectPrompts
from .text_loss import summed_text_loss
from .training_conversations import TrainingConversations


@MODELS.register_module()
class LLMSceneGraphHead(BaseModule):
    """A language model writes the scene graph as text (paper, section 3.1).

    Scene tokens are projected into the language model's width and take the place of
    ``<scene>`` in the first prompt. The hidden state behind each ``[Obj]`` of an
    answer prompts the tube decoder.

    Shapes: ``B`` videos, ``L`` scene tokens, ``D`` their channels, ``C`` width of the
    language model, ``S`` positions, ``V`` vocabulary.

    Args:
        in_channels: Width of the scene tokens, ``D``.
        language_model: Config of the language model.
        projector: Config of the projector; it is told both widths.
        text_format: Config of the text format, in which answers are generated and
            training samples written.
        direct_text_format: Config of the format of some training samples instead, for
            a model that shall answer in one step, too; None writes all alike.
        direct_share: Share of the training samples that are written in it.
        single_share: Share of the training texts in several answers that tell one
            relation alone, see :class:`TrainingConversations`.
        prompt_with: What of an object's ``[Obj]`` tokens prompts the tube decoder:
            ``'all'``, their mean, or ``'first'``.
        loss_weight: Weight of the text loss in Eq. 1.
        max_answer_tokens: Longest answer of a turn, in tokens with the end-of-text
            token; see :class:`TrainingConversations` and :class:`ConversationDecoder`.
        max_conversation_tokens: Most tokens of all answers of a conversation in
            training, likewise; None sets no limit.
        num_samples: Answers of each video that are united, see
            :class:`ConversationDecoder`.
        sampling: How they are sampled, likewise.
        decoder: Further arguments of :class:`ConversationDecoder`.
        pad_texts: Whether the texts of a training batch run as one, padded to the
            longest. False runs one after the other, with the same losses: nothing is
            computed for padding and, since no mask is needed, no attention for what
            comes later. That is cheaper on CPUs.
        texts_per_scene: Texts that a training step has of each scene, which is encoded
            once. Where there are two formats they take turns, and ``direct_share`` says
            how often the direct one begins; where there is one, its texts differ if it
            shuffles. The first text's ``[Obj]`` tokens prompt the tube decoder.
        learn_times_of_stills: Whether the times of relations are learned from still
            images, too. They are always the whole of it there, which says nothing of
            how long a relation lasts in a video, and a model that learns them gives
            every relation the whole video. They are written all the same, so that
            what comes after them is learned as it stands.
        token_weights: What tokens count in the loss, by what they say, such as
            ``dict(predicate=2.0, times=2.0)``, see :class:`TrainingConversations`; None
            lets all count alike.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``prompt_with`` is neither, ``texts_per_scene`` is not positive,
            or ``single_share`` is not in 0..1.

    Attributes:
        embed_dims: Width of the prompts for the tube decoder, ``C``.
        conversations: What writes the conversations of training samples.
        decoder: What generates answers and reads them.
    """

    def __init__(
        self,
        in_channels: int,
        language_model: dict,
        text_format: dict,
        direct_text_format: dict | None = None,
        direct_share: float = 0.5,
        single_share: float = 0.0,
        projector: dict | None = None,
        prompt_with: str = 'all',
        loss_weight: float = 1.0,
        max_answer_tokens: int = 1024,
        max_conversation_tokens: int | None = None,
        num_samples: int = 1,
        sampling: dict | None = None,
        decoder: dict | None = None,
        pad_texts: bool = True,
        texts_per_scene: int = 1,
        learn_times_of_stills: bool = False,
        token_weights: Mapping[str, float] | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.language_model = MODELS.build(language_model)
        self.embed_dims = self.language_model.embed_dims
        self.projector = MODELS.build(
            dict(
                dict(type='MLPProjector'),
                in_channels=in_channels,
                out_channels=self.embed_dims,
                **(projector or {}),
            )
        )
        self.text_format = TASK_UTILS.build(text_format)
        if prompt_with not in ('all', 'first'):
            raise ValueError(f'prompt_with is {prompt_with!r}, expected all or first')
        self.first_only = prompt_with == 'first'
        self.loss_weight = loss_weight
        self.max_answer_tokens = max_answer_tokens
        self.pad_texts = pad_texts
        if texts_per_scene < 1:
            raise ValueError(
                f'texts_per_scene is {texts_per_scene}, expected 1 or more'
            )
        self.texts_per_scene = texts_per_scene
        self.conversations = TrainingConversations(
            self.language_model,
            self.text_format,
            None
            if direct_text_format is None
            else TASK_UTILS.build(direct_text_format),
            direct_share,
            single_share,
            max_answer_tokens,
            max_conversation_tokens,
            learn_times_of_stills,
            token_weights,
        )
        self.decoder = ConversationDecoder(
            self.language_model,
            self.text_format,
            self.first_only,
            num_samples,
            sampling,
            **(decoder or {}),
        )

    def loss(
        self,
        tokens: Tensor,
        token_mask: Tensor,
        data_samples: list[SceneGraphDataSample],
        *,
        text_format: SceneGraphTextFormat | None = None,
        project: bool = True,
    ) -> tuple[dict[str, Tensor], list[ObjectPrompts]]:
        """Return the text loss, and prompts for the tube decoder.

        Args:
            tokens: Scene tokens ``[B, L, D]``.
            token_mask: ``[B, L]``, False on padding.
            data_samples: Targets, with ``gt_scene_graph``.
            text_format: What writes the targets; None takes those of the head.
            project: False where the tokens are in the language model's width, ``C``,
                and to be read as they are.

        Returns:
            ``loss_txt``, the cross-entropy of the answers' tokens, averaged over all
            of them in the batch, by their weights; and each video's
            :class:`ObjectPrompts`.
        """
        rows: list[tuple[int, Conversation, list[int]]] = []
        for index, sample in enumerate(data_samples):
            formats = [text_format] if text_format else self._sample_formats()
            for written_by in formats:
                conversation, turns = self.conversations.write(
                    sample, written_by, for_training=True
                )
                mentioned = [i for turn in turns for i in turn.mentioned_ids]
                rows.append((index, conversation, mentioned))
        # Once a scene, whatever the number of its texts.
        scenes = self.scenes(tokens, token_mask, project)
        size = len(rows) if self.pad_texts else 1
        loss, count = 0.0, 0.0
        prompts: dict[int, ObjectPrompts] = {}
        for start in range(0, len(rows), size):
            indices, conversations, mentions = zip(
                *rows[start : start + size], strict=True
            )
            batch = self._assemble(conversations, [scenes[i] for i in indices])
            states, logits = run_conversations(self.language_model, batch)
            # states: [b, S, C], logits: [b, n, V]
            nats, learned = summed_text_loss(batch, logits)
            loss, count = loss + nats, count + learned
            is_object = batch.labels == self.language_model.object_token_id
            for index, ids, row, places in zip(
                indices, mentions, states, is_object, strict=True
            ):
                if index not in prompts:
                    prompts[index] = ObjectPrompts.from_mentions(
                        ids, row[places], self.first_only
                    )
        loss = loss / (count + (count == 0))
        found = [prompts[index] for index in range(len(data_samples))]
        return dict(loss_txt=loss * self.loss_weight), found

    @torch.no_grad()
    def predict(
        self,
        tokens: Tensor,
        token_mask: Tensor,
        data_samples: list[SceneGraphDataSample],
    ) -> list[GeneratedGraph]:
        """Generate scene graphs, see :class:`ConversationDecoder`.

        Args:
            tokens: Scene tokens ``[B, L, D]``.
            token_mask: ``[B, L]``, False on padding.
            data_samples: What is known of the videos: ``num_frames``, ``fps``.

        Returns:
            Each video's graph, its relations sorted by score.
        """
        scenes = self.scenes(tokens, token_mask)
        return self.decoder(scenes, data_samples, self.max_answer_tokens)

    @property
    def stage_names(self) -> tuple[str, ...]:
        """What each stage of :meth:`predict_stages` finds out."""
        return self.text_format.turn_names

    @torch.no_grad()
    def predict_stages(
        self,
        tokens: Tensor,
        token_mask: Tensor,
        data_samples: list[SceneGraphDataSample],
    ) -> Iterator[list[GeneratedGraph]]:
        """Generate scene graphs turn by turn, see :meth:`ConversationDecoder.decode`.

        Args:
            tokens: As of :meth:`predict`.
            token_mask: Likewise.
            data_samples: Likewise.

        Yields:
            Each video's graph as it is known after a turn of the conversation.
        """
        scenes = self.scenes(tokens, token_mask)
        yield from self.decoder.decode(scenes, data_samples, self.max_answer_tokens)

    @torch.no_grad()
    def text_likelihood(
        self,
        tokens: Tensor,
        token_mask: Tensor,
        data_samples: list[SceneGraphDataSample],
        *,
        text_format: SceneGraphTextFormat | None = None,
        project: bool = True,
    ) -> list[tuple[float, int, int]]:
        """Return how likely the annotated texts are, for each video.

        Args:
            tokens: Scene tokens ``[B, L, D]``.
            token_mask: ``[B, L]``, False on padding.
            data_samples: Targets, with ``gt_scene_graph``.
            text_format: What writes the texts; None takes ``text_format`` of the head.
            project: As of :meth:`loss`.

        Returns:
            The summed negative log-likelihood of the text's tokens in nats, their
            number, and how many of them are the likeliest where they stand.
        """
        conversations = [
            self.conversations.write(row, text_format)[0] for row in data_samples
        ]
        batch = self.assemble(conversations, tokens, token_mask, project)
        loss, labels, logits = self.token_losses(batch)
        right = (logits.argmax(-1) == labels).sum(1)
        count = (labels != IGNORED).sum(1)
        loss = loss.sum(1)
        return list(zip(loss.tolist(), count.tolist(), right.tolist(), strict=True))

    def token_losses(self, batch: ConversationBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Return loss, label ``[B, n]`` and logits ``[B, n, V]`` of the last tokens."""
        _, logits = run_conversations(self.language_model, batch)
        labels = batch.next_labels(logits)
        logits = logits[:, :-1].float()
        losses = F.cross_entropy(
            logits.transpose(1, 2), labels, ignore_index=IGNORED, reduction='none'
        )
        return losses, labels, logits

    def assemble(
        self,
        conversations: Sequence[Conversation],
        tokens: Tensor,
        token_mask: Tensor,
        project: bool = True,
    ) -> ConversationBatch:
        """Return conversations about scenes as one batch.

        Args:
            conversations: One a video.
            tokens: As of :meth:`loss`.
            token_mask: As of :meth:`loss`.
            project: As of :meth:`loss`.
        """
        return self._assemble(conversations, self.scenes(tokens, token_mask, project))

    def _assemble(
        self, conversations: Sequence[Conversation], scenes: list[Tensor]
    ) -> ConversationBatch:
        return ConversationBatch.assemble(
            conversations,
            scenes,
            self.language_model.embed_tokens,
            self.language_model.scene_token_id,
        )

    def scenes(
        self, tokens: Tensor, token_mask: Tensor, project: bool = True
    ) -> list[Tensor]:
        """Return the scene tokens ``[L, C]`` that the language model reads."""
        projected = self.projector(tokens) if project else tokens  # [B, L, C]
        return [rows[mask] for rows, mask in zip(projected, token_mask, strict=True)]

    def _sample_formats(self) -> list[SceneGraphTextFormat]:
        """Return the formats of the texts about the next sample."""
        count = self.texts_per_scene if self.training else 1
        return self.conversations.sample_formats(count)
