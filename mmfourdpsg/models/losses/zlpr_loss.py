"""ZLPR loss: which of many labels hold, each against the threshold zero."""

import torch
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class ZLPRLoss(nn.Module):
    """Zero-bounded log-sum-exp and pairwise rank loss.

    ``log(1 + sum over negatives of e^s) + log(1 + sum over positives of e^-s)``: it
    wants every label that holds above zero, every other below, and each of the first
    above each of the second, however few hold. Source: Su et al., "ZLPR: A novel loss
    for multi-label classification" (2022), Eq. 9.

    Args:
        loss_weight: Factor of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, logits: Tensor, targets: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        """Return the loss of each row.

        Args:
            logits: ``[..., L]``, one for each label.
            targets: bool ``[..., L]``, whether it holds.
            mask: bool ``[..., L]``, whether it counts; None counts all.

        Returns:
            Tensor: ``[...]``; 0 for a row in which nothing counts.
        """
        logits = logits.float()
        negative, positive = ~targets, targets
        if mask is not None:
            negative, positive = negative & mask, positive & mask
        # A large number rather than infinity, whose gradient would be none.
        least = torch.finfo(logits.dtype).min / 2
        zero = logits.new_zeros((*logits.shape[:-1], 1))
        below = torch.cat([zero, logits.where(negative, least)], dim=-1)
        above = torch.cat([zero, (-logits).where(positive, least)], dim=-1)
        loss = below.logsumexp(dim=-1) + above.logsumexp(dim=-1)
        return self.loss_weight * loss
