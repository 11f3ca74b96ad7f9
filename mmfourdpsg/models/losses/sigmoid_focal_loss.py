"""Focal loss of masks, per pixel."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class SigmoidFocalLoss(nn.Module):
    """Binary focal loss, averaged over pixels, then over masks.

    Source: Lin et al. 2017, Eq. 5; the Focal term of the 4D-LLM paper, Eq. 1.
    Targets may lie between 0 and 1, such as the covered part of a coarse pixel.

    Shapes: ``P`` masks, ``h`` x ``w`` pixels.

    Args:
        alpha: Weight of the foreground; the background has ``1 - alpha``.
        gamma: Power that turns down pixels that are already right.
        loss_weight: Factor of the result.
    """

    def __init__(
        self, alpha: float = 0.25, gamma: float = 2.0, loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.alpha = alpha
        self.gamma = gamma
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            logits: ``[P, h, w]``.
            targets: ``[P, h, w]`` in 0..1.

        Returns:
            Tensor: Scalar; zero, still attached to ``logits``, for no masks.
        """
        if len(logits) == 0:
            return logits.sum() * 0
        logits = logits.float()
        targets = targets.float()
        probability = logits.sigmoid()
        entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction='none')
        wrong = probability * (1 - targets) + (1 - probability) * targets
        weight = self.alpha * targets + (1 - self.alpha) * (1 - targets)
        return self.loss_weight * (weight * wrong**self.gamma * entropy).mean()
