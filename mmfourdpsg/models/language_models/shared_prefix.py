"""Attention of texts that begin alike: to the beginning at once, to the rest alone."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import AttentionInterface

SHARED_PREFIX_ATTENTION = 'mmfourdpsg_shared_prefix'
HANDING_ON = ('llama', 'mistral', 'qwen2', 'qwen3')
"""Kinds of models whose layers hand arguments on to their attention, and add nothing to
its scores: they are compared with their own attention in a test."""


class SharedPrefix(NamedTuple):
    """What texts have in common, once, and which texts that is.

    Shapes: ``B`` beginnings, ``K`` heads of keys, ``P`` slots for the tokens of the
    longest of them, ``D`` channels of a head, ``n`` texts.

    Attributes:
        keys: Keys ``[B, K, P, D]`` of each layer.
        values: Values ``[B, K, P, D]`` of each layer.
        lengths: How many tokens each beginning has.
        texts: Which texts ``[n]`` of a step begin with each.
    """

    keys: Sequence[Tensor]
    values: Sequence[Tensor]
    lengths: Sequence[int]
    texts: Sequence[Tensor]


def shared_prefix_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor,
    scaling: float | None = None,
    shared_prefix: SharedPrefix | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attend to a shared beginning and to what follows on it as to one text.

    All texts that begin alike meet their beginning in one product of matrices, so that
    it is read once a layer. The two parts are put together by the sums of their
    exponentials (Juravsky et al., Hydragen, 2024).

    Shapes: ``A`` texts, ``H`` heads, ``W`` new tokens, ``S`` tokens that follow on the
    beginning, ``K`` and ``D`` as of :class:`SharedPrefix`.

    Args:
        module: The attention module of a layer.
        query: ``[A, H, W, D]``.
        key: Of what follows on the beginning ``[A, K, S, D]``.
        value: Likewise.
        attention_mask: What is added to the scores of what follows ``[A, 1, W, S]``.
            The beginning is seen whole.
        scaling: Of the scores; None takes that of the width of a head.
        shared_prefix: The beginnings.
        **kwargs: Are not read.

    Returns:
        ``[A, W, H, D]``, and no weights.

    Raises:
        RuntimeError: The model does not hand on the beginnings.
    """
    if shared_prefix is None:
        raise RuntimeError(
            f'{type(module).__name__} got no shared_prefix, expected a model that '
            'hands arguments on to its attention'
        )
    # Sums of exponentials need more digits than half precision has.
    wide = torch.promote_types(query.dtype, torch.float32)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    with torch.autocast(query.device.type, enabled=False):
        output = _attend_to_both(
            query.to(wide) * scale,
            key.to(wide),
            value.to(wide),
            attention_mask,
            module.layer_idx,
            shared_prefix,
        )
    return output.transpose(1, 2).to(query.dtype), None


def _attend_to_both(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor,
    layer: int,
    shared_prefix: SharedPrefix,
) -> Tensor:
    """Return what is read ``[A, H, W, D]``; arguments are those of a call, scaled."""
    count, _, width, channels = query.shape
    # Heads that share keys stand side by side: [A, K, H / K * W, D]
    query = query.reshape(count, key.shape[1], -1, channels)
    scores = query @ key.transpose(-1, -2)
    scores = scores.unflatten(2, (-1, width)) + attention_mask[:, :, None]
    own, own_sum = _attend(scores.flatten(2, 3), value)
    output = torch.empty_like(own)
    keys, values = shared_prefix.keys[layer], shared_prefix.values[layer]
    for place, texts in enumerate(shared_prefix.texts):
        if not len(texts):
            continue
        size = shared_prefix.lengths[place]
        asked = query[texts].transpose(0, 1).flatten(1, 2)  # [K, n * H / K * W, D]
        scores = asked @ keys[place, :, :size].to(asked.dtype).transpose(-1, -2)
        common, common_sum = _attend(scores, values[place, :, :size].to(asked.dtype))
        common, common_sum = (
            part.unflatten(1, (len(texts), -1)).transpose(0, 1)
            for part in (common, common_sum)
        )
        # The share of the two parts in the sum over all tokens.
        share = torch.sigmoid(common_sum - own_sum[texts])
        output[texts] = own[texts] + share * (common - own[texts])
    return output.unflatten(2, (-1, width)).flatten(1, 2)


def _attend(scores: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Attend to some of the tokens.

    Shapes: ``q`` queries, ``s`` tokens.

    Args:
        scores: ``[..., q, s]``.
        values: ``[..., s, D]``.

    Returns:
        What is read ``[..., q, D]``, and the logarithm of the sum of the exponentials
        of the scores ``[..., q, 1]``.
    """
    total = scores.logsumexp(-1, keepdim=True)
    return (scores - total).exp() @ values, total


AttentionInterface.register(SHARED_PREFIX_ATTENTION, shared_prefix_attention)
