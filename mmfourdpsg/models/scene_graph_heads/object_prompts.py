"""Prompts for the tube decoder, in training."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class ObjectPrompts:
    """The objects that a training text mentions, with their prompts.

    Shapes: ``N`` objects, ``C`` width of the language model.

    Attributes:
        object_ids: Ids in the ground-truth graph, each once.
        states: Mean of the last hidden states at each object's ``[Obj]`` tokens
            ``[N, C]``.
    """

    object_ids: list[int]
    states: Tensor

    @classmethod
    def from_mentions(cls, mentioned_ids: list[int], states: Tensor) -> 'ObjectPrompts':
        """Average over the mentions of each object.

        Args:
            mentioned_ids: Object id of each ``[Obj]`` token.
            states: Hidden state of each ``[Obj]`` token ``[M, C]``.
        """
        object_ids = list(dict.fromkeys(mentioned_ids))
        rows = [
            states[[i for i, other in enumerate(mentioned_ids) if other == object_id]]
            for object_id in object_ids
        ]
        means = [row.mean(0) for row in rows]
        empty = states.new_zeros(0, states.shape[-1])
        return cls(object_ids, torch.stack(means) if means else empty)
