"""Input embeddings with a few rows of their own for new tokens."""

import torch
from torch import Tensor, nn


class NewTokenEmbedding(nn.Module):
    """An embedding matrix beside which the rows of new tokens live.

    The matrix itself is neither resized nor written to. New tokens may lie behind
    its end or, where it is padded beyond the vocabulary, within it. So they can train
    while the matrix is frozen, and a checkpoint needs to hold them alone.

    Shapes: ``n`` new tokens, ``C`` channels.

    Args:
        base: The pretrained embedding matrix.
        token_ids: Ids of the new tokens.
        vocabulary_size: Number of tokens before the new ones were added. The new rows
            start as the mean over these; padding rows do not count. Tokens that are
            among these already start as their own rows.
    """

    def __init__(
        self, base: nn.Embedding, token_ids: list[int], vocabulary_size: int
    ) -> None:
        super().__init__()
        self.base = base
        self.register_buffer('token_ids', torch.tensor(token_ids), persistent=False)
        # Adapters train in float32 even where the frozen weights are bfloat16: small
        # learning rates would round to nothing there.
        self.rows = first_rows(base.weight, token_ids, vocabulary_size)

    @property
    def weight(self) -> Tensor:
        """The pretrained matrix, for code that asks for its device or type."""
        return self.base.weight

    def forward(self, ids: Tensor) -> Tensor:
        """Embed token ids ``[...]`` as ``[..., C]``."""
        is_new = ids[..., None] == self.token_ids  # [..., n]
        known = ids.masked_fill(is_new.any(-1), 0)
        embedded = self.base(known)
        rows = self.rows[is_new.long().argmax(-1)].to(embedded.dtype)
        return torch.where(is_new.any(-1, keepdim=True), rows, embedded)


def first_rows(
    weight: Tensor, token_ids: list[int], vocabulary_size: int
) -> nn.Parameter:
    """Return the rows ``[n, C]`` that new tokens start with, float32.

    Args:
        weight: Rows of a pretrained vocabulary ``[V, C]``.
        token_ids: Ids of the new tokens.
        vocabulary_size: Number of tokens that ``weight`` knows.
    """
    known = weight.detach()[:vocabulary_size].float()
    mean = known.mean(0)
    rows = [known[i] if i < vocabulary_size else mean for i in token_ids]
    return nn.Parameter(torch.stack(rows))
