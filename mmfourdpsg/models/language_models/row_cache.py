"""Keys and values of texts that grow by different numbers of tokens."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin

from .shared_prefix import SharedPrefix

_STEP = 64
"""Slots are taken by multiples of it, at least half as many as there are."""


class RowCache(Cache):
    """A cache in which each text has its keys and values one after the other.

    Each row counts its own tokens, so there are no holes: a row that goes on by fewer
    tokens than others writes what is to be overwritten by its next ones, and a row
    that loses its last tokens counts fewer. Slots are taken ahead, so that nothing is
    copied when a token is added; and those that go on stand before those that wait, so
    that nothing is when attention reads them.

    What rows have in common may stand apart, once, see :meth:`share`; they hold what
    follows on it.

    Shapes: ``R`` rows, ``A`` rows that go on in a step, ``W`` new tokens of each,
    ``H`` heads, ``D`` channels of a head, ``S`` slots.

    Args:
        num_layers: Layers of the model.

    Attributes:
        lengths: Tokens that each row holds ``[R]``.
        offsets: Tokens that it has in common with others, and does not hold ``[R]``.
        order: Which row stands in each place.
        starts: Where each row that goes on in this step does ``[A]``.
        places: The slot of each new token ``[A, W]``.
        width: How many tokens are added to each, ``W``.
        needed: Slots that the longest of them has then.
    """

    def __init__(self, num_layers: int) -> None:
        super().__init__(layers=[_RowLayer(self) for _ in range(num_layers)])
        self.lengths: Tensor
        self.offsets: Tensor
        self.order: list[int] = []
        self.starts: Tensor
        self.places: Tensor
        self.width = 0
        self.needed = 0

    def begin(self, lengths: Tensor, width: int) -> None:
        """Prepare the first step, of rows that begin with it.

        Args:
            lengths: Tokens that each row has after it ``[R]``.
            width: The greatest of them.
        """
        self.lengths = lengths
        self.offsets = torch.zeros_like(lengths)
        self.order = list(range(len(lengths)))
        self._start(torch.zeros_like(lengths), width, width)

    def arrange(self, rows: Iterable[int]) -> list[int]:
        """Have rows stand first, and return them as they do.

        Those that go on step by step get ever fewer, so that hardly any has to move.

        Args:
            rows: Those that go on.
        """
        rows = set(rows)
        count = len(rows)
        free = [i for i, row in enumerate(self.order[:count]) if row not in rows]
        moving = [i for i in range(count, len(self.order)) if self.order[i] in rows]
        for one, other in zip(free, moving, strict=True):
            order = self.order
            order[one], order[other] = order[other], order[one]
        if moving:
            before = torch.tensor(free + moving, device=self.lengths.device)
            after = torch.tensor(moving + free, device=self.lengths.device)
            size = int(self.lengths.max())
            for layer in self.layers:
                for held in (layer.keys, layer.values):
                    held[before, :, :size] = held[after, :, :size]
        return self.order[:count]

    def prepare(self, rows: list[int], sizes: list[int]) -> tuple[Tensor, Tensor]:
        """Prepare a step.

        Args:
            rows: Rows that go on, as :meth:`arrange` has them.
            sizes: By how many tokens each does.

        Returns:
            Which slots each new token sees ``[A, W, S]``, and its position ``[A, W]``.
        """
        device = self.lengths.device
        active = torch.tensor(rows, device=device)
        starts = self.lengths[active]
        width = max(sizes)
        self._start(starts, width, int(starts.max()) + width)
        added = torch.tensor(sizes, device=device)
        self.lengths = self.lengths.index_add(0, active, added)
        seen = torch.arange(self.needed, device=device) <= self.places[..., None]
        # What is behind a row's last token stands where that stands.
        places = self.places.minimum((starts + added - 1)[:, None])
        return seen, places + self.offsets[active][:, None]

    def _start(self, starts: Tensor, width: int, needed: int) -> None:
        self.starts, self.width, self.needed = starts, width, needed
        self.places = starts[:, None] + torch.arange(width, device=starts.device)

    def repeat(self, times: int) -> None:
        """Have each row that many times, one beside the other."""
        self.lengths = self.lengths.repeat_interleave(times)
        self.offsets = torch.zeros_like(self.lengths)
        self.order = list(range(len(self.lengths)))
        for layer in self.layers:
            layer.keys = layer.keys.repeat_interleave(times, 0)
            layer.values = layer.values.repeat_interleave(times, 0)

    def share(self, times: int) -> SharedPrefix:
        """Have that many rows follow on each, one beside the other, which hold nothing.

        Args:
            times: How many.

        Returns:
            What they follow on; no text of a step begins with it yet.
        """
        shared = SharedPrefix(
            [layer.keys for layer in self.layers],
            [layer.values for layer in self.layers],
            self.lengths.tolist(),
            [],
        )
        self.offsets = self.lengths.repeat_interleave(times)
        self.lengths = torch.zeros_like(self.offsets)
        self.order = list(range(len(self.lengths)))
        for layer in self.layers:
            shape = (len(self.order), layer.keys.shape[1], 0)
            layer.keys = layer.keys.new_zeros(*shape, layer.keys.shape[-1])
            layer.values = layer.values.new_zeros(*shape, layer.values.shape[-1])
        return shared

    def copy(self, pairs: Sequence[tuple[int, int]], start: int) -> None:
        """Have rows hold what others do.

        Args:
            pairs: A row, and the one that becomes like it. No row is in both places.
            start: Slots that all these rows have in common already.
        """
        if not pairs:
            return
        place = {row: index for index, row in enumerate(self.order)}
        rows = torch.tensor(pairs, device=self.lengths.device)
        places = torch.tensor(
            [[place[row] for row in pair] for pair in pairs], device=rows.device
        )
        self.lengths[rows[:, 1]] = self.lengths[rows[:, 0]]
        end = int(self.lengths[rows[:, 0]].max())
        for layer in self.layers:
            for held in (layer.keys, layer.values):
                held[places[:, 1], :, start:end] = held[places[:, 0], :, start:end]


class _RowLayer(CacheLayerMixin):
    """One layer of a :class:`RowCache`, which tells it where to write."""

    is_sliding = False

    def __init__(self, cache: RowCache) -> None:
        super().__init__()
        self.cache = cache

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Have no slots yet."""
        self.keys = key_states.new_zeros(*key_states.shape[:2], 0, key_states.shape[-1])
        self.values = value_states.new_zeros(
            *value_states.shape[:2], 0, value_states.shape[-1]
        )
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Write keys and values ``[A, H, W, D]``; return those so far ``[A, H, S, D]``.

        What is written behind a row's last token is no part of it.
        """
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        cache = self.cache
        size = self.keys.shape[2]
        if cache.needed > size:
            more = -(-max(cache.needed - size, size // 2) // _STEP) * _STEP
            self.keys = torch.nn.functional.pad(self.keys, (0, 0, 0, more))
            self.values = torch.nn.functional.pad(self.values, (0, 0, 0, more))
        count = len(cache.places)
        index = cache.places[:, None, :, None].expand_as(key_states)  # [A, H, W, D]
        found = []
        for held, new in ((self.keys, key_states), (self.values, value_states)):
            active = held[:count]
            active.scatter_(2, index, new)
            found.append(active[:, :, : cache.needed])
        return found[0], found[1]

    def get_mask_sizes(self, query_length: Any) -> tuple[int, int]:
        """Return slots and offset of a mask."""
        return self.cache.needed, 0

    def get_seq_length(self, *args: Any) -> int:
        """Return the number of slots that were seen last."""
        return self.cache.needed if self.is_initialized else 0

    def get_max_length(self) -> int:
        """Return that there is no greatest length."""
        return -1

    def get_max_cache_shape(self) -> int:
        """Return that there is no greatest length; older transformers' name."""
        return -1
