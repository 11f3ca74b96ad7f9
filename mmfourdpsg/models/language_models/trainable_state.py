"""What a fine-tuned model has to save."""

from torch import Tensor, nn


def trainable_state_dict(module: nn.Module) -> dict[str, Tensor]:
    """Return the parameters that train, by name.

    What counts is ``requires_grad``, never a part of the name, so that nothing is
    forgotten when an adapter is called differently. A parameter that two modules
    share appears under both names, as in ``state_dict``.

    Args:
        module: Any module.

    Returns:
        Name -> detached parameter.
    """
    return {
        name: parameter.detach()
        for name, parameter in module.named_parameters(remove_duplicate=False)
        if parameter.requires_grad
    }
