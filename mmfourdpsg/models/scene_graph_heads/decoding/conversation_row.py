"""A conversation with the language model while it is held."""

from collections.abc import Mapping

import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.conversation_cache import TokenRun
from .answer_constraint import AnswerConstraint
from .written_answer import WrittenAnswer


class ConversationRow:
    """What was said, and what the language model has yet to read of it.

    Shapes: ``V`` vocabulary, ``C`` width of the language model.

    Args:
        index: Which conversation it is.
        sample: What is known of the video.
        logits: Those after the first prompt ``[V]``.
        object_token_id: Id of ``[Obj]``.
        seed: Of the random numbers that tokens are drawn with; None draws none.
        listed: Objects that its first answer is to list, by category and number, and
            how likely each is to be there; none leaves them to the language model.

    Attributes:
        answers: Its answers.
        constraint: What the last one may go on with.
        is_broken: Whether there was no room for a prompt.
        run: Tokens that were written and not yet read.
        logits: Those after all that was read ``[V]``.
    """

    def __init__(
        self,
        index: int,
        sample: SceneGraphDataSample,
        logits: Tensor,
        object_token_id: int,
        seed: int | None = None,
        listed: Mapping[tuple[str, int], float] | None = None,
    ) -> None:
        self.index = index
        self.sample = sample
        self.logits = logits
        self.listed = dict(listed or {})
        self.answers: list[WrittenAnswer] = []
        self.is_broken = False
        self.run = TokenRun()
        self.constraint: AnswerConstraint
        self._object_token_id = object_token_id
        self._generator = None
        if seed is not None:
            self._generator = torch.Generator().manual_seed(seed)
        # What the logits and states that the run asks for belong to.
        self._scored: list[tuple[WrittenAnswer, int]] = []
        self._marked: list[tuple[WrittenAnswer, int]] = []
        self._num_unread = 0

    @property
    def texts(self) -> list[str]:
        """The text of each answer."""
        return [answer.decoded.text for answer in self.answers]

    @property
    def is_wanting(self) -> bool:
        """Whether probabilities or states are missing of what is not yet read."""
        return bool(self._scored or self._marked)

    def chance(self) -> float | None:
        """Return a random number in ``[0, 1)``, None for the likeliest token."""
        if self._generator is None:
            return None
        return torch.rand((), generator=self._generator).item()

    def begin(self, prompt: list[int], constraint: AnswerConstraint) -> None:
        """Begin an answer with what has to come.

        Args:
            prompt: Token ids of the prompt, nothing if it was read.
            constraint: A new one.
        """
        self.run.ids += prompt
        self.answers.append(WrittenAnswer())
        self.constraint = constraint
        self._num_unread = 0
        self._write_forced()

    def choose(self, token: int, probability: float) -> None:
        """Go on with a token and what has to come after it."""
        self._write(token, False, probability)
        self.constraint.accept(token)
        self._write_forced()

    def close(self, count: int, tokens: list[int]) -> int:
        """End an answer behind some of its tokens.

        Args:
            count: How many of them stay.
            tokens: What comes after them. It is no choice of the language model, and
                has a probability of 1.

        Returns:
            How many tokens that were read have gone, the last ones.
        """
        answer = self.answers[-1]
        excess = len(answer.ids) - count
        answer.cut(count)
        self._scored, self.run.logit_places = _keep(
            self._scored, self.run.logit_places, answer, count
        )
        self._marked, self.run.state_places = _keep(
            self._marked, self.run.state_places, answer, count
        )
        unread = min(excess, self._num_unread)
        del self.run.ids[len(self.run.ids) - unread :]
        for token in tokens:
            self._write(token, True, 1.0)
        return excess - unread

    def next_run(self) -> TokenRun:
        """Return what is to be read, with logits after the last of it."""
        places = [*self.run.logit_places, len(self.run.ids) - 1]
        return TokenRun(self.run.ids, places, self.run.state_places)

    def targets(self) -> list[int]:
        """Return the tokens after the places of the next run, 0 where none is."""
        return [answer.ids[i] for answer, i in self._scored] + [0]

    def read(self, probabilities: list[float], states: Tensor, logits: Tensor) -> None:
        """Take what came of the next run.

        Args:
            probabilities: Of the targets.
            states: At the places of the run ``[M, C]``.
            logits: After the last place ``[V]``.
        """
        for (answer, i), value in zip(self._scored, probabilities[:-1], strict=True):
            answer.probabilities[i] = value
        for (answer, i), state in zip(self._marked, states, strict=True):
            answer.states[i] = state
        self.logits = logits
        self.run = TokenRun()
        self._scored, self._marked, self._num_unread = [], [], 0

    def _write_forced(self) -> None:
        for token in self.constraint.forced():
            self._write(token, True)

    def _write(
        self, token: int, is_forced: bool, probability: float | None = None
    ) -> None:
        answer, place = self.answers[-1], len(self.run.ids)
        if probability is None:
            if place:
                self.run.logit_places.append(place - 1)
                self._scored.append((answer, len(answer.ids)))
                probability = torch.nan
            else:
                probability = token_probabilities(self.logits)[token].item()
        if token == self._object_token_id:
            self.run.state_places.append(place)
            self._marked.append((answer, len(answer.ids)))
        answer.append(token, probability, is_forced)
        self.run.ids.append(token)
        self._num_unread += 1


def token_probabilities(logits: Tensor) -> Tensor:
    """Return probabilities of logits ``[..., V]``, in no less than float32."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32)).softmax(-1)


def _keep(
    items: list[tuple[WrittenAnswer, int]],
    places: list[int],
    answer: WrittenAnswer,
    count: int,
) -> tuple[list[tuple[WrittenAnswer, int]], list[int]]:
    """Return items and their places without those behind ``count`` in an answer."""
    kept = [
        (item, place)
        for item, place in zip(items, places, strict=True)
        if item[0] is not answer or item[1] < count
    ]
    return [item for item, _ in kept], [place for _, place in kept]
