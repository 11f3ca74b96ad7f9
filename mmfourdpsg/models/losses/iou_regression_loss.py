"""Loss on the IoU that the mask decoder predicts of its own mask."""

import torch
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class IoURegressionLoss(nn.Module):
    """Squared error between predicted and real IoU, averaged over masks.

    Source: the IoU term of the 4D-LLM paper, Eq. 1, taken as NExT-Chat has it. The
    real IoU is that of the mask cut at probability one half, a constant to the
    gradient: the term trains the judgement, not the mask.

    Shapes: ``P`` masks, ``h`` x ``w`` pixels.

    Args:
        loss_weight: Factor of the result.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, predicted: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            predicted: IoU ``[P]`` that the decoder expects.
            logits: ``[P, h, w]`` of its masks.
            targets: ``[P, h, w]`` in 0..1.

        Returns:
            Tensor: Scalar; zero, still attached to ``predicted``, for no masks.
        """
        if len(predicted) == 0:
            return predicted.sum() * 0
        error = predicted.float() - binary_iou(logits, targets)
        return self.loss_weight * error.square().mean()


@torch.no_grad()
def binary_iou(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the IoU ``[P]`` of masks cut at logit 0 and at coverage one half.

    Two empty masks have IoU 0.

    Args:
        logits: ``[P, h, w]``.
        targets: ``[P, h, w]`` in 0..1.
    """
    mask, target = (logits > 0).flatten(1), (targets > 0.5).flatten(1)
    overlap = (mask & target).sum(1).float()
    return overlap / (mask | target).sum(1).clamp(min=1)
