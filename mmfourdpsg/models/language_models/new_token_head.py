"""Output head with a few rows of its own for new tokens."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .new_token_embedding import first_rows


class NewTokenHead(nn.Module):
    """A linear output head beside which the rows of new tokens live.

    See :class:`NewTokenEmbedding`. Shapes: ``n`` new tokens, ``C`` channels, ``V``
    tokens including the new ones and any padding of the pretrained head.

    Args:
        base: The pretrained head.
        token_ids: Ids of the new tokens.
        vocabulary_size: Number of tokens before the new ones were added.
        rows: Rows ``[n, C]`` to share with the input embedding, where the model ties
            both; None makes rows that start as :func:`first_rows` of the head's.

    Attributes:
        num_tokens: ``V``.
    """

    def __init__(
        self,
        base: nn.Linear,
        token_ids: list[int],
        vocabulary_size: int,
        rows: nn.Parameter | None = None,
    ) -> None:
        super().__init__()
        self.base = base
        self.register_buffer('token_ids', torch.tensor(token_ids), persistent=False)
        self.num_extra = max(0, max(token_ids) + 1 - base.weight.shape[0])
        self.num_tokens = base.weight.shape[0] + self.num_extra
        if rows is None:
            rows = first_rows(base.weight, token_ids, vocabulary_size)
        self.rows = rows

    @property
    def weight(self) -> Tensor:
        """The pretrained matrix, for code that asks for its device or type."""
        return self.base.weight

    def forward(self, states: Tensor) -> Tensor:
        """Return logits ``[..., V]`` of hidden states ``[..., C]``."""
        # A slice of longer texts would make the product run row by row, and logits are
        # by far the largest tensor: it is copied as seldom as may be.
        states = states.contiguous()
        logits = F.pad(self.base(states), (0, self.num_extra))
        new = F.linear(states, self.rows.to(states.dtype))  # [..., n]
        return logits.index_copy_(-1, self.token_ids, new.to(logits.dtype))
