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
        states: Last hidden states at each object's ``[Obj]`` tokens ``[N, C]``, that at
            the first one or the mean of all.
    """

    object_ids: list[int]
    states: Tensor

    @classmethod
    def from_mentions(
        cls, mentioned_ids: list[int], states: Tensor, first_only: bool = False
    ) -> 'ObjectPrompts':
        """Take the first of each object's mentions, or average over all.

        Args:
            mentioned_ids: Object id of each ``[Obj]`` token.
            states: Hidden state of each ``[Obj]`` token ``[M, C]``.
            first_only: Whether only the first one counts.
        """
        object_ids = list(dict.fromkeys(mentioned_ids))
        last = 1 if first_only else None
        places = [
            [i for i, other in enumerate(mentioned_ids) if other == object_id][:last]
            for object_id in object_ids
        ]
        means = [states[row].mean(0) for row in places]
        empty = states.new_zeros(0, states.shape[-1])
        return cls(object_ids, torch.stack(means) if means else empty)
