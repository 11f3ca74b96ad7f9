"""Adapters as part of the weights that they adapt, for a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn


@contextmanager
def merged_adapters(model: nn.Module) -> Iterator[None]:
    """Merge the adapters of a model into its weights while the context lasts.

    A merged layer multiplies once instead of three times. Afterwards the weights are
    the very tensors that they were before, bit for bit, which subtracting the adapters
    would not give. Meanwhile the merged ones take as much memory again.

    Layers stay as they are, with the same result, where adapters are merged already,
    where a weight is spread over processes, where others share it, and where it has
    fewer bits than 32: the sum would round small adapters away.

    Args:
        model: A model with or without adapters of peft.
    """
    originals: list[tuple[nn.Parameter, Tensor]] = []
    layers: list[BaseTunerLayer] = []
    uses = Counter(
        id(weight) for _, weight in model.named_parameters(remove_duplicate=False)
    )
    try:
        with torch.no_grad():
            for layer in model.modules():
                if not isinstance(layer, BaseTunerLayer) or layer.merged:
                    continue
                base = layer.get_base_layer()
                held = [base.weight, getattr(base, 'bias', None)]
                held = [item for item in held if item is not None]
                if not all(
                    item.numel() and item.element_size() >= 4 and uses[id(item)] == 1
                    for item in held
                ):
                    continue
                for parameter in held:
                    originals.append((parameter, parameter.data))
                    # Adapters are added in place: to a copy.
                    parameter.data = parameter.data.clone()
                layers.append(layer)
                layer.merge()
        yield
    finally:
        for layer in layers:
            layer.merged_adapters.clear()
        for parameter, original in originals:
            parameter.data = original
