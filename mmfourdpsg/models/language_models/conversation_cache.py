"""Keys and values of conversations that begin alike and go on apart."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from mmfourdpsg.utils import InputError

from .causal_language_model import CausalLanguageModel
from .row_cache import RowCache
from .shared_prefix import HANDING_ON, SHARED_PREFIX_ATTENTION, SharedPrefix


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
    prompt, is run once, and kept once for models of a known kind
    (:data:`.shared_prefix.HANDING_ON`) with PyTorch's attention, else copied. They may
    go on by different numbers of tokens in one step, and tokens can be taken out again.

    Shapes: ``B`` scenes, ``R`` conversations about all of them, those about one scene
    together, ``S`` positions of scene and prompt, ``C`` channels, ``V`` vocabulary.

    Args:
        language_model: The language model.
        embeddings: Input embeddings of scenes and prompts ``[B, S, C]``.
        attention_mask: ``[B, S]``, False on padding, which is on the left.
        rows_per_scene: Number of conversations about each scene.

    Raises:
        InputError: The model cannot, see :func:`check_cacheable`.

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
        check_cacheable(language_model)
        self.language_model = language_model
        config = language_model.model.config.get_text_config()
        self._cache = RowCache(config.num_hidden_layers)
        sizes = attention_mask.sum(1)
        width = embeddings.shape[1]
        positions = torch.arange(width, device=embeddings.device).expand(len(sizes), -1)
        # Padding goes behind, where it is overwritten.
        order = (positions + (width - sizes)[:, None]) % width
        embeddings = embeddings.gather(1, order[..., None].expand_as(embeddings))
        self._cache.begin(sizes, width)
        seen = positions[:, None] <= positions[..., None]  # [B, S, S]
        last = sorted(set((sizes - 1).tolist()))
        _, logits = self._run(embeddings, seen, positions, last)
        self.first_logits = torch.stack(
            [row[last.index(size - 1)] for row, size in zip(logits, sizes, strict=True)]
        )
        self._rows_per_scene = rows_per_scene
        self._shared: SharedPrefix | None = None
        self._num_common = int(sizes.min())
        if _takes_attention(language_model):
            self._shared = self._cache.share(rows_per_scene)
            self._num_common = 0
        else:
            self._cache.repeat(rows_per_scene)
        self.lengths: list[int] = (self._cache.lengths + self._cache.offsets).tolist()

    def extend(self, runs: Sequence[TokenRun]) -> tuple[Tensor, Tensor]:
        """Go on with the conversations.

        Args:
            runs: One a conversation; those without tokens wait.

        Returns:
            The wanted logits ``[N, V]`` and hidden states ``[M, C]``, conversation by
            conversation.
        """
        rows = self._cache.arrange(row for row, run in enumerate(runs) if run.ids)
        going = [runs[row] for row in rows]
        sizes = [len(run.ids) for run in going]
        seen, positions = self._cache.prepare(rows, sizes)  # [A, W, S], [A, W]
        for row, size in zip(rows, sizes, strict=True):
            self.lengths[row] += size
        ids = torch.tensor(
            [run.ids + [0] * (max(sizes) - len(run.ids)) for run in going],
            device=seen.device,
        )
        columns = sorted({place for run in going for place in run.logit_places}) or [0]
        with self._attention(rows, seen.device) as options:
            states, logits = self._run(
                self.language_model.embed_tokens(ids),
                seen,
                positions,
                columns,
                with_states=any(run.state_places for run in going),
                **options,
            )
        kept = {column: i for i, column in enumerate(columns)}
        rank = {row: i for i, row in enumerate(rows)}
        logits_at = [
            (rank[row], kept[place])
            for row, run in enumerate(runs)
            for place in run.logit_places
        ]
        states_at = [
            (rank[row], place)
            for row, run in enumerate(runs)
            for place in run.state_places
        ]
        return _take(logits, logits_at), _take(states, states_at)

    def take_out(self, row: int, count: int) -> None:
        """Forget the last tokens of a conversation.

        Args:
            row: Which conversation.
            count: How many tokens.
        """
        self._cache.lengths[row] -= count
        self.lengths[row] -= count

    def fork(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Have conversations about a scene go on from where others are.

        Args:
            pairs: A conversation, and the one that becomes like it. None is in both
                places.
        """
        self._cache.copy(pairs, self._num_common)
        for row, other in pairs:
            self.lengths[other] = self.lengths[row]

    @contextmanager
    def _attention(
        self, rows: Sequence[int], device: torch.device
    ) -> Iterator[dict[str, SharedPrefix]]:
        """Return a context in which the model attends to what conversations share.

        Args:
            rows: Those that go on.
            device: Where they do.

        Yields:
            Arguments of the model.
        """
        if self._shared is None:
            yield {}
            return
        texts: list[list[int]] = [[] for _ in self._shared.lengths]
        for place, row in enumerate(rows):
            texts[row // self._rows_per_scene].append(place)
        indices = [torch.tensor(t, dtype=torch.long, device=device) for t in texts]
        config = self.language_model.model.config.get_text_config()
        before = config._attn_implementation
        config._attn_implementation = SHARED_PREFIX_ATTENTION
        try:
            yield dict(shared_prefix=self._shared._replace(texts=indices))
        finally:
            config._attn_implementation = before

    @torch.no_grad()
    def _run(
        self,
        embeddings: Tensor,
        seen: Tensor,
        positions: Tensor,
        places: Sequence[int],
        with_states: bool = False,
        **options: Any,
    ) -> tuple[Tensor, Tensor]:
        """Run the model over what follows on what the cache holds.

        Shapes: ``S`` new positions, ``K`` positions with those that conversations
        hold by themselves, ``n`` places.

        Args:
            embeddings: Input embeddings ``[B, S, C]``.
            seen: Which position sees which, ``[B, S, K]``; each sees another.
            positions: Position of each in its text ``[B, S]``.
            places: Which of the new positions need logits.
            with_states: Whether hidden states are needed.
            **options: Further arguments of the model.

        Returns:
            Last hidden states ``[B, S, C]`` (what the output head sees; ``[B, 0, C]``
            if they are not needed) and logits ``[B, n, V]``.
        """
        model = self.language_model
        mask = torch.zeros_like(seen, dtype=embeddings.dtype)
        mask.masked_fill_(~seen, torch.finfo(embeddings.dtype).min)
        index = torch.tensor(places, dtype=torch.long, device=embeddings.device)
        output = model.model(
            inputs_embeds=embeddings,
            attention_mask=mask[:, None],
            position_ids=positions,
            past_key_values=self._cache,
            output_hidden_states=with_states,
            use_cache=True,
            **options,
            **(dict(logits_to_keep=index) if model.keeps_logits else {}),
        )
        logits = output.logits if model.keeps_logits else output.logits[:, index]
        states = output.hidden_states[-1] if with_states else embeddings[:, :0]
        return states, logits


def check_cacheable(language_model: CausalLanguageModel) -> None:
    """Make sure that conversations can be held with a cache of keys and values.

    Args:
        language_model: The language model.

    Raises:
        InputError: The model finds positions by itself, or has layers that do not
            attend to all that came before.
    """
    config = language_model.model.config.get_text_config()
    limit = language_model.max_length or math.inf
    window = getattr(config, 'sliding_window', None) or limit
    kinds = set(getattr(config, 'layer_types', None) or [])
    if not getattr(config, 'use_sliding_window', True):
        window = limit
    reason = ''
    if not language_model.takes_positions or getattr(config, 'alibi', False):
        reason = 'finds positions by itself'
    elif kinds - {'full_attention', 'sliding_attention'}:
        reason = f'has layers of {", ".join(sorted(kinds))}'
    elif window < limit and (not kinds or 'sliding_attention' in kinds):
        reason = f'attends to the last {window} tokens alone'
    if reason:
        raise InputError(
            f'language model {language_model.name!r}: {reason}, expected one with '
            'attention to all that came before, for conversations with a cache'
        )


def _takes_attention(language_model: CausalLanguageModel) -> bool:
    """Return whether another attention may take the place of the model's own."""
    config = language_model.model.config.get_text_config()
    return config._attn_implementation == 'sdpa' and config.model_type in HANDING_ON


def _take(values: Tensor, places: list[tuple[int, int]]) -> Tensor:
    """Return the rows ``[N, C]`` of values ``[B, S, C]`` at places."""
    index = torch.tensor(places, dtype=torch.long, device=values.device)
    index = index.reshape(-1, 2)
    return values[index[:, 0], index[:, 1]]
