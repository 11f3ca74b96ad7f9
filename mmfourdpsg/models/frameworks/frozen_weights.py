"""Checkpoints without the weights that do not train, which have files of their own."""

from torch import nn


def drop_frozen(model: nn.Module, state: dict, prefix: str, _metadata: dict) -> None:
    """Leave frozen weights out of a state dict, but for those of ``held_parts``.

    A hook for ``_register_state_dict_hook``.

    Args:
        model: Has ``save_frozen``, with which nothing is left out, and ``held_parts``.
        state: The state dict, which is changed.
        prefix: What the names of the model's weights begin with there.
    """
    if model.save_frozen:
        return
    # A tied weight has two names, and both have to go.
    for name, parameter in model.named_parameters(remove_duplicate=False):
        part, _, _ = name.partition('.')
        if not parameter.requires_grad and part not in model.held_parts:
            state.pop(prefix + name, None)
