"""Loss on the score that an object is in a frame."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class ObjectScoreLoss(nn.Module):
    """Binary cross entropy on SAM2's object score, averaged over frames.

    Shapes: ``P`` pairs of an object and a frame.

    Args:
        loss_weight: Factor of the result.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, present: Tensor) -> Tensor:
        """Return the loss, a scalar.

        Args:
            logits: Object scores ``[P]`` before the sigmoid.
            present: ``[P]``, true where the object is visible.

        Returns:
            Tensor: Scalar; zero, still attached to ``logits``, for no pairs.
        """
        if len(logits) == 0:
            return logits.sum() * 0
        loss = F.binary_cross_entropy_with_logits(logits.float(), present.float())
        return self.loss_weight * loss
