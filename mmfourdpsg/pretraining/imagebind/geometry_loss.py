"""Regression of what depth says about a patch."""

import torch.nn.functional as F
from torch import Tensor


def geometry_loss(
    prediction: Tensor, target: Tensor, known: Tensor, beta: float = 0.1
) -> Tensor:
    """Smooth L1 where depth is known.

    Args:
        prediction: ``[F, gh, gw, 3]``, see :class:`PatchGeometry`.
        target: Likewise.
        known: bool ``[F, gh, gw, 3]``.
        beta: Error, in units of log-depth, from which on the loss is linear.

    Returns:
        Tensor: ``[]``, the mean over what is known; 0 where nothing is.
    """
    error = F.smooth_l1_loss(prediction.float(), target, reduction='none', beta=beta)
    return error.where(known, 0.0).sum() / known.sum().clamp(min=1)
