"""Which token comes next."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)


class TokenSampler:
    """Chooses tokens: the likeliest one, or one by its probability.

    Chance is a number in 0..1 that comes from outside, so that a text does not depend
    on those beside it, nor on the device.

    Shapes: ``A`` texts, ``V`` vocabulary.

    Args:
        temperature: Divides the logits.
        top_k: How many of the likeliest tokens are drawn from; 0 is all.
        top_p: Least probability that those that are drawn from have together.
        min_p: Least probability of a token, as a share of that of the likeliest.
    """

    def __init__(
        self,
        temperature: float = 1.0,
        top_k: int = 50,
        top_p: float = 0.9,
        min_p: float | None = None,
    ) -> None:
        self._warpers = LogitsProcessorList()
        if temperature != 1:
            self._warpers.append(TemperatureLogitsWarper(temperature))
        if top_k:
            self._warpers.append(TopKLogitsWarper(top_k))
        if top_p < 1:
            self._warpers.append(TopPLogitsWarper(top_p))
        if min_p is not None:
            self._warpers.append(MinPLogitsWarper(min_p))

    @torch.no_grad()
    def __call__(
        self, logits: Tensor, allowed: Tensor, chances: Sequence[float | None]
    ) -> list[int]:
        """Choose a token for each text.

        Args:
            logits: ``[A, V]``.
            allowed: Which tokens may be chosen ``[A, V]``.
            chances: For each text a number in ``[0, 1)``; None chooses the likeliest.

        Returns:
            The tokens.
        """
        masked = logits.masked_fill(~allowed, -torch.inf)
        tokens = masked.argmax(-1)
        drawn = [row for row, chance in enumerate(chances) if chance is not None]
        if drawn:
            warped = masked[drawn]
            # The list's own call inspects each warper's signature.
            for warper in self._warpers:
                warped = warper(None, warped)
            sums = warped.double().softmax(-1).cumsum(-1)
            chance = torch.tensor(
                [[chances[row]] for row in drawn], dtype=sums.dtype, device=sums.device
            )
            places = torch.searchsorted(sums, chance * sums[:, -1:], right=True)
            tokens[drawn] = places[:, 0]
        return tokens.tolist()


def unpack_bits(words: Tensor, size: int) -> Tensor:
    """Return masks ``[A, size]`` of words ``[A, W]`` of 32 bits.

    Args:
        words: A bit a token.
        size: Number of tokens.
    """
    places = torch.arange(32, dtype=words.dtype, device=words.device)
    return ((words[..., None] >> places) & 1).bool().flatten(1)[:, :size]
