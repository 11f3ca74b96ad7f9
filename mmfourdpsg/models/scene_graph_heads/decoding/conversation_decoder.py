"""Samples scene graphs from a conversation with the language model."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.causal_language_model import CausalLanguageModel
from ...language_models.conversation_cache import ConversationCache, TokenRun
from ...special_tokens import OBJECT_TOKEN
from ...text_formats import SceneGraphTextFormat
from .conversation import Conversation, ConversationBatch
from .conversation_row import ConversationRow, token_probabilities
from .decoded_answer import DecodedAnswer
from .generated_graph import GeneratedGraph
from .grammar_constraint import GrammarConstraint, check_grammar_package
from .graph_scoring import check_score_tokens, score_graph
from .sample_union import unite_samples
from .token_sampler import TokenSampler, unpack_bits
from .turn_prompts import encode_turn_prompt


class ConversationDecoder:
    """Has a language model talk about scenes, and reads graphs off its answers.

    A scene and the first prompt are run once for all samples, and all that follows
    once (:class:`ConversationCache`). Answers follow the grammar of the text format,
    and what has to come is run at once. Each turn begins when the last one has ended in
    all conversations.

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
            :meth:`CausalLanguageModel.merged_adapters`.

    Raises:
        InputError: Answers follow a grammar, and xgrammar is missing.
        ValueError: ``score_tokens`` is no such name.

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

        Args:
            scenes: Projected scene tokens ``[L, C]`` of each video.
            data_samples: What is known of the videos: ``num_frames``, ``fps``.
            max_answer_tokens: Longest answer of a turn, without what had to come.

        Returns:
            Each video's graph, its relations sorted by score.

        Raises:
            InputError: Scene and prompts are longer than the model's positions reach.
        """
        *_, rows = self._converse(scenes, data_samples, max_answer_tokens, False)
        return self._graphs(rows)

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
        for rows in self._converse(scenes, data_samples, max_answer_tokens, True):
            yield self._graphs(rows)

    def _converse(
        self,
        scenes: Sequence[Tensor],
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
        each_turn: bool,
    ) -> Iterator[list[ConversationRow]]:
        """Hold the conversations; after a turn, yield them.

        Args:
            scenes: As of a call.
            data_samples: Likewise.
            max_answer_tokens: Likewise.
            each_turn: Whether states have to be there after each turn, or the last one.
        """
        model, text_format = self.language_model, self.text_format
        num_turns = text_format.num_turns
        prompts = [
            [self._prompt(sample, turn, [''] * turn) for turn in range(num_turns)]
            for sample in data_samples
        ]
        # What later turns need at least, a prompt and an end each.
        reserves = [
            sum(len(prompt) + 1 for prompt in prompts[0][turn + 1 :])
            for turn in range(num_turns)
        ]
        batch = ConversationBatch.assemble(
            [Conversation([row[0]]) for row in prompts],
            list(scenes),
            model.embed_tokens,
            model.scene_token_id,
        )
        model.check_length(batch.embeddings.shape[1] + 1 + reserves[0])
        with model.merged_adapters(self.merge_adapters):
            cache = ConversationCache(
                model, batch.embeddings, batch.attention_mask, self.num_samples
            )
            rows = self._rows(data_samples, cache.first_logits)
            for turn in range(num_turns):
                self._hold_turn(cache, rows, turn, max_answer_tokens, reserves[turn])
                if each_turn or turn == num_turns - 1:
                    self._read(cache, [row for row in rows if row.is_wanting], rows)
                yield rows

    def _rows(
        self, data_samples: Sequence[SceneGraphDataSample], logits: Tensor
    ) -> list[ConversationRow]:
        rows: list[ConversationRow] = []
        for sample, first in zip(data_samples, logits, strict=True):
            for place in range(self.num_samples):
                seed = int(torch.randint(2**62, ())) if place else None
                object_id = self.language_model.object_token_id
                rows.append(ConversationRow(len(rows), sample, first, object_id, seed))
        return rows

    def _hold_turn(
        self,
        cache: ConversationCache,
        rows: list[ConversationRow],
        turn: int,
        max_answer_tokens: int,
        reserve: int,
    ) -> None:
        """Have all conversations answer in a turn."""
        limit = self.language_model.max_length

        def excess(row: ConversationRow) -> int:
            """Return how many tokens of a row have no place."""
            if limit is None:
                return 0
            missing = 0 if row.constraint.is_complete else 1
            used = cache.lengths[row.index] + len(row.run.ids)
            return used + missing + reserve - limit

        def goes_on(row: ConversationRow) -> bool:
            over = max(0, excess(row))
            is_long = row.answers[-1].num_free >= max_answer_tokens
            is_complete = row.constraint.is_complete
            if over or (
                not is_complete and (is_long or not row.constraint.allowed().any())
            ):
                self._close(cache, row, turn, over)
            elif not is_complete:
                return True
            row.answers[-1].decoded = self._decode(row.answers[-1].ids)
            return False

        for row in rows:
            self._begin(cache, row, turn)
        going = [row for row in rows if not row.is_broken and goes_on(row)]
        while going:
            self._read(cache, going, rows)
            self._choose(going)
            going = [row for row in going if goes_on(row)]

    def _begin(self, cache: ConversationCache, row: ConversationRow, turn: int) -> None:
        texts = row.texts
        prompt = self._prompt(row.sample, turn, texts) if turn else []
        used = cache.lengths[row.index] + len(row.run.ids) + len(prompt) + 1
        limit = self.language_model.max_length
        if row.is_broken or (limit is not None and used > limit):
            row.is_broken = True
            return
        grammar = self.text_format.grammar(turn, texts)
        row.begin(prompt, self.constraints.start(grammar))

    def _read(
        self,
        cache: ConversationCache,
        reading: list[ConversationRow],
        rows: list[ConversationRow],
    ) -> None:
        """Have the model read what some conversations have written."""
        reading = [row for row in reading if row.run.ids]
        if not reading:
            return
        runs = [TokenRun() for _ in rows]
        for row in reading:
            runs[row.index] = row.next_run()
        logits, states = cache.extend(runs)
        targets = [token for row in reading for token in row.targets()]
        chosen = torch.tensor(targets, device=logits.device)[:, None]
        values = token_probabilities(logits).gather(1, chosen)[:, 0].tolist()
        place = mark = 0
        for row in reading:
            run = runs[row.index]
            last, end = place + len(run.logit_places), mark + len(run.state_places)
            row.read(values[place:last], states[mark:end], logits[last - 1])
            place, mark = last, end

    def _choose(self, rows: list[ConversationRow]) -> None:
        """Choose a token for each conversation."""
        logits = torch.stack([row.logits for row in rows])
        words = np.stack([row.constraint.allowed() for row in rows])
        allowed = unpack_bits(
            torch.from_numpy(words).to(logits.device), logits.shape[1]
        )
        tokens = self.sampler(logits, allowed, [row.chance() for row in rows])
        chosen = torch.tensor(tokens, device=logits.device)[:, None]
        values = token_probabilities(logits).gather(1, chosen)[:, 0].tolist()
        for row, token, value in zip(rows, tokens, values, strict=True):
            row.choose(token, value)

    def _close(
        self, cache: ConversationCache, row: ConversationRow, turn: int, excess: int
    ) -> None:
        """End a row's answer.

        Args:
            cache: Forgets what goes.
            row: The row.
            turn: Which turn it is.
            excess: How many of its last tokens have no place.
        """
        end = self.language_model.end_token_id
        written = [token for token in row.answers[-1].ids if token != end]
        fitting = max(0, len(written) - excess)
        is_last = turn == self.text_format.num_turns - 1
        if is_last and self.text_format.grammar(turn, row.texts[:-1]) is None:
            cache.take_out(row.index, row.close(fitting, []))
            return
        count, rest = self._kept(turn, written[:fitting])
        while count + len(rest) > fitting:
            fitting -= 1
            count, rest = self._kept(turn, written[:fitting])
        cache.take_out(row.index, row.close(count, [*rest, end]))

    def _kept(self, turn: int, ids: list[int]) -> tuple[int, list[int]]:
        """Return what is kept of an answer that was cut off.

        Args:
            turn: Which turn it is.
            ids: Its tokens.

        Returns:
            How many of them, and what part of the next one is, in tokens of its own.
        """
        decoded = self._decode(ids)
        # Half a character is shown as U+FFFD.
        text = self.text_format.close(turn, decoded.text).rstrip('\ufffd')
        if not text:
            return 0, []
        count = bisect_left(decoded.ends, len(text))
        if decoded.ends[count] == len(text):
            return count + 1, []
        rest = text[decoded.ends[count - 1] if count else 0 :]
        return count, list(self.constraints.encode(rest, not count))

    def _graphs(self, rows: Sequence[ConversationRow]) -> list[GeneratedGraph]:
        """Read the graph of each video."""
        graphs, keys = [], []
        for row in rows:
            parsed = self.text_format.parse(row.texts, row.sample.num_frames)
            scored = score_graph(
                parsed,
                row.answers,
                row.logits.new_zeros(0, self.language_model.embed_dims),
                self.first_only,
                self.score_tokens,
            )
            graphs.append(scored)
            keys.append([(item.category, item.number) for item in parsed.objects])
        size = self.num_samples
        return [
            unite_samples(graphs[i : i + size], keys[i : i + size], self.span_iou)
            for i in range(0, len(graphs), size)
        ]

    def _prompt(
        self, sample: SceneGraphDataSample, turn: int, texts: Sequence[str]
    ) -> list[int]:
        return encode_turn_prompt(
            self.language_model, self.text_format, sample, turn, texts
        )

    def _decode(self, ids: list[int]) -> DecodedAnswer:
        model = self.language_model
        return DecodedAnswer.from_ids(
            [token for token in ids if token != model.end_token_id],
            model.decode,
            model.object_token_id,
            OBJECT_TOKEN,
        )
