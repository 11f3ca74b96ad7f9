"""Loss of pairs: binary cross-entropy in which the few related ones count more."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class PairBCELoss(nn.Module):
    """Binary cross-entropy of labels of which few hold.

    Args:
        loss_weight: Factor of the loss.
        max_pos_weight: Most that a label which holds counts more than one that does
            not; up to that it counts as much as all that do not hold together.
    """

    def __init__(self, loss_weight: float = 5.0, max_pos_weight: float = 50.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.max_pos_weight = max_pos_weight

    def forward(
        self, logits: Tensor, targets: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Return the mean of all labels that count, 0 where there is none.

        Args:
            logits: ``[L]``, one for each label.
            targets: bool ``[L]``, whether it holds.
            mask: bool ``[L]``, whether it counts; None counts all.
        """
        if mask is not None:
            logits, targets = logits[mask], targets[mask]
        count = targets.sum()
        weight = ((~targets).sum() / count.clamp(min=1)).clamp(1.0, self.max_pos_weight)
        losses = F.binary_cross_entropy_with_logits(
            logits.float(), targets.float(), pos_weight=weight, reduction='none'
        )
        return self.loss_weight * losses.sum() / max(len(losses), 1)
