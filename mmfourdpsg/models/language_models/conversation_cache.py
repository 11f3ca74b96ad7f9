"""Keys and values of conversations that begin alike and go on apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import DynamicCache

from .causal_language_model import CausalLanguageModel

_EVERYONE = -1
_NOBODY = -2


@dataclass
class TokenRun:
    """Tokens that a conversation goes on with.

    Attributes:
        ids: Their ids.
        logit_places: Places in the run after which logits are wanted.
        state_places: Places in the run whose hidden states are wanted.
    """

    ids: list[int] = field(default_factory=list)
    logit_places: list[int] = field(default_factory=list)
    state_places: list[int] = field(default_factory=list)


class ConversationCache:
    """Runs a language model over several conversations about each of some scenes.

    What the conversations about a scene have in common, the scene and the first
    prompt, is run once and held once. What they go on with is laid behind it, one
    conversation's tokens beside another's, and a mask has each see its own alone. So
    they may go on by different numbers of tokens in one step with nothing computed for
    padding, and tokens can be taken out again.

    Shapes: ``B`` scenes, ``R`` conversations about all of them, those about one scene
    together, ``S`` positions of scene and prompt, ``C`` channels, ``V`` vocabulary.

    Args:
        language_model: The language model.
        embeddings: Input embeddings of scenes and prompts ``[B, S, C]``.
        attention_mask: ``[B, S]``, False on padding, which is on the left.
        rows_per_scene: Number of conversations about each scene.

    Attributes:
        first_logits: Logits after the prompt of each scene ``[B, V]``.
        lengths: How many tokens each conversation has, ``R`` of them.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        embeddings: Tensor,
        attention_mask: Tensor,
        rows_per_scene: int,
    ) -> None:
        self.language_model = language_model
        self.rows_per_scene = rows_per_scene
        self._cache = DynamicCache(config=language_model.model.config)
        logits = language_model.step(
            embeddings,
            attention_mask,
            (attention_mask.long().cumsum(1) - 1).clamp(min=0),
            self._cache,
            [attention_mask.shape[1] - 1],
        )[1]
        self.first_logits = logits[:, 0]
        # Which conversation of its scene sees a slot of the cache: [B, slots]
        self._owners = torch.where(attention_mask, _EVERYONE, _NOBODY)
        lengths = attention_mask.sum(1).repeat_interleave(rows_per_scene)
        self.lengths: list[int] = lengths.tolist()
        self._slots: list[list[int]] = [[] for _ in self.lengths]

    def extend(self, runs: Sequence[TokenRun]) -> tuple[Tensor, Tensor]:
        """Go on with the conversations.

        Args:
            runs: One a conversation; those without tokens wait.

        Returns:
            The wanted logits ``[N, V]`` and hidden states ``[M, C]``, conversation by
            conversation.
        """
        num_scenes, base = self._owners.shape
        ids: list[list[int]] = [[] for _ in range(num_scenes)]
        owners: list[list[int]] = [[] for _ in range(num_scenes)]
        positions: list[list[int]] = [[] for _ in range(num_scenes)]
        logits_at: list[tuple[int, int]] = []
        states_at: list[tuple[int, int]] = []
        for row, run in enumerate(runs):
            scene, owner = divmod(row, self.rows_per_scene)
            place, size = len(ids[scene]), len(run.ids)
            ids[scene] += run.ids
            owners[scene] += [owner] * size
            start = self.lengths[row]
            positions[scene] += range(start, start + size)
            self._slots[row] += range(base + place, base + place + size)
            self.lengths[row] += size
            logits_at += [(scene, place + other) for other in run.logit_places]
            states_at += [(scene, place + other) for other in run.state_places]
        device = self._owners.device
        token_ids, new_owners, position_ids = (
            torch.tensor(_padded(rows, value), device=device)
            for rows, value in ((ids, 0), (owners, _NOBODY), (positions, 0))
        )
        self._owners = torch.cat([self._owners, new_owners], 1)
        slots = torch.arange(self._owners.shape[1], device=device)
        seen = self._owners[:, None] == new_owners[..., None]
        seen |= self._owners[:, None] == _EVERYONE
        seen &= slots <= slots[base:, None]  # [B, width, slots]
        columns = sorted({column for _, column in logits_at}) or [0]
        states, logits = self.language_model.step(
            self.language_model.embed_tokens(token_ids),
            seen[:, None],
            position_ids,
            self._cache,
            columns,
            with_states=bool(states_at),
        )
        kept = {column: i for i, column in enumerate(columns)}
        logits = _take(logits, [(row, kept[column]) for row, column in logits_at])
        return logits, _take(states, states_at)

    def take_out(self, row: int, count: int) -> None:
        """Forget the last tokens of a conversation.

        Args:
            row: Which conversation.
            count: How many tokens.
        """
        if not count:
            return
        slots = self._slots[row]
        self._owners[row // self.rows_per_scene, slots[-count:]] = _NOBODY
        del slots[-count:]
        self.lengths[row] -= count


def _padded(rows: list[list[int]], value: int) -> list[list[int]]:
    width = max(len(row) for row in rows)
    return [row + [value] * (width - len(row)) for row in rows]


def _take(values: Tensor, places: list[tuple[int, int]]) -> Tensor:
    """Return the rows ``[N, C]`` of values ``[B, S, C]`` at places."""
    index = torch.tensor(places, dtype=torch.long, device=values.device)
    index = index.reshape(-1, 2)
    return values[index[:, 0], index[:, 1]]
