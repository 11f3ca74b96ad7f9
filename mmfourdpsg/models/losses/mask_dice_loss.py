"""Dice loss of masks."""

from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class MaskDiceLoss(nn.Module):
    """One minus the soft Dice coefficient, averaged over masks.

    Source: Milletari et al. 2016; the Dice term of the 4D-LLM paper, Eq. 1.
    The plain name ``DiceLoss`` is MMDetection's, in the same registry.

    Shapes: ``P`` masks, ``h`` x ``w`` pixels.

    Args:
        smooth: Added to numerator and denominator, in pixels.
        loss_weight: Factor of the result.
    """

    def __init__(self, smooth: float = 1.0, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth
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
        probability = logits.float().sigmoid().flatten(1)  # [P, h*w]
        targets = targets.float().flatten(1)
        overlap = (probability * targets).sum(1)
        total = probability.sum(1) + targets.sum(1)
        dice = (2 * overlap + self.smooth) / (total + self.smooth)
        return self.loss_weight * (1 - dice).mean()
