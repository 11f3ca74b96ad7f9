"""Conversations with the language model that are held together."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from ...language_models.causal_language_model import CausalLanguageModel
from ...language_models.conversation_cache import ConversationCache, TokenRun
from ...text_formats import SceneGraphTextFormat
from .answer_constraint import FreeAnswer
from .answer_endings import AnswerEndings
from .conversation_row import ConversationRow, token_probabilities
from .grammar_constraint import GrammarConstraint
from .token_sampler import TokenSampler, unpack_bits
from .turn_prompts import encode_turn_prompt


class HeldConversations:
    """Has the language model answer in several conversations.

    In a step it reads what each conversation has written since it last did: a token and
    what had to come after it, or the end of an answer and the next prompt.

    Args:
        language_model: The language model.
        text_format: What is asked, and how answers end that get too long.
        constraints: Starts the constraint of each answer.
        sampler: Chooses tokens.
        cache: Runs the language model; it has read the first prompts.
        rows: The conversations.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        constraints: GrammarConstraint,
        sampler: TokenSampler,
        cache: ConversationCache,
        rows: Sequence[ConversationRow],
    ) -> None:
        self.language_model = language_model
        self.text_format = text_format
        self.constraints = constraints
        self.sampler = sampler
        self.cache = cache
        self.rows = rows
        self.endings = AnswerEndings(language_model, text_format, constraints)

    def answer(
        self,
        turns: Sequence[int],
        max_answer_tokens: int,
        reserves: Sequence[int],
        is_enough: Callable[[ConversationRow], bool] | None = None,
    ) -> None:
        """Have all conversations answer in some turns.

        None waits for the others: a conversation begins its next turn as soon as it has
        answered in the last one.

        Args:
            turns: Which turns, one after the other.
            max_answer_tokens: Longest answer, without what had to come.
            reserves: How many positions later turns need, for each turn there is.
            is_enough: Whether the last answer of a conversation need not go on; it
                breaks off there.
        """

        def goes_on(row: ConversationRow) -> bool:
            while not row.is_broken:
                turn = len(row.answers) - 1
                if is_enough is not None and is_enough(row):
                    answer = row.answers[-1]
                    answer.decoded = self.endings.decode(answer.ids)
                    break
                if self._goes_on(row, turn, max_answer_tokens, reserves[turn]):
                    return True
                if turn == turns[-1]:
                    break
                self._begin(row, turn + 1)
            return False

        for row in self.rows:
            self._begin(row, turns[0])
        going = [row for row in self.rows if goes_on(row)]
        while going:
            self.read(going)
            self._choose(going)
            going = [row for row in going if goes_on(row)]

    def _goes_on(
        self, row: ConversationRow, turn: int, max_answer_tokens: int, reserve: int
    ) -> bool:
        """Return whether an answer goes on; it is closed if it is too long to."""
        excess = self._excess(row, reserve + self.endings.size(turn))
        is_complete = row.constraint.is_complete
        is_long = row.answers[-1].num_free >= max_answer_tokens
        if not is_complete and not is_long and excess <= 0:
            # Nothing is allowed where a grammar has no way out.
            if row.constraint.allowed().any():
                return True
            is_long = True
        if excess > 0 or (is_long and not is_complete):
            self._close(row, turn, max(0, excess))
        row.answers[-1].decoded = self.endings.decode(row.answers[-1].ids)
        return False

    def read(self, reading: Sequence[ConversationRow]) -> None:
        """Have the model read what some conversations have written."""
        reading = [row for row in reading if row.run.ids]
        if not reading:
            return
        runs = [TokenRun() for _ in self.rows]
        for row in reading:
            runs[row.index] = row.next_run()
        logits, states = self.cache.extend(runs)
        targets = [token for row in reading for token in row.targets()]
        chosen = torch.tensor(targets, device=logits.device)[:, None]
        values = token_probabilities(logits).gather(1, chosen)[:, 0].tolist()
        place = mark = 0
        for row in reading:
            run = runs[row.index]
            last, end = place + len(run.logit_places), mark + len(run.state_places)
            row.read(values[place:last], states[mark:end], logits[last - 1])
            place, mark = last, end

    def _excess(self, row: ConversationRow, reserve: int) -> int:
        """Return how many tokens of a conversation have no position."""
        limit = self.language_model.max_length
        if limit is None:
            return 0
        end = 0 if row.constraint.is_complete else 1
        used = self.cache.lengths[row.index] + len(row.run.ids)
        return used + end + reserve - limit

    def _begin(self, row: ConversationRow, turn: int) -> None:
        texts, prompt = row.texts, []
        if turn:
            prompt = encode_turn_prompt(
                self.language_model, self.text_format, row.sample, turn, texts
            )
        limit = self.language_model.max_length
        used = self.cache.lengths[row.index] + len(row.run.ids) + len(prompt) + 1
        used += self.endings.size(turn)
        row.is_broken |= limit is not None and used > limit
        if not row.is_broken:
            known = [[category for category, _ in row.listed]] if row.listed else []
            grammar = self.text_format.grammar(turn, texts, *known)
            row.begin(prompt, self.constraints.start(grammar))

    def _choose(self, rows: Sequence[ConversationRow]) -> None:
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

    def _close(self, row: ConversationRow, turn: int, excess: int) -> None:
        """End the answer of a conversation.

        Args:
            row: The conversation.
            turn: Which turn it is.
            excess: How many of its last tokens have no position.
        """
        end = self.language_model.end_token_id
        written = [token for token in row.answers[-1].ids if token != end]
        fitting = max(0, len(written) - excess)
        is_last = turn == self.text_format.num_turns - 1
        if is_last and isinstance(row.constraint, FreeAnswer):
            self.cache.take_out(row.index, row.close(fitting, []))
            return
        room = self.endings.size(turn)
        count, rest = self.endings.kept(turn, written[:fitting])
        while fitting and count + len(rest) > fitting + room:
            fitting -= 1
            count, rest = self.endings.kept(turn, written[:fitting])
        self.cache.take_out(row.index, row.close(count, [*rest, end]))
