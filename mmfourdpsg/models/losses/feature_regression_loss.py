"""The distance rho between estimated and gold features."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

# As in PyTorch's LayerNorm.
EPSILON = 1e-5


@MODELS.register_module()
class FeatureRegressionLoss(nn.Module):
    """Smooth L1 plus one minus the cosine, on features brought to one scale.

    The paper writes ``rho`` in Eq. 2, 4, 5 and 6 and leaves it open. Both sides go
    first through the LayerNorm (without weights) of the gold side, so that neither the
    scale of an encoder nor that of one patch decides. It is the same one for both:
    each with its own, an estimate would be free to have any scale and offset, and what
    reads gold features elsewhere could not read it.

    Args:
        smooth_l1_weight: Factor of the smooth L1.
        cosine_weight: Factor of one minus the cosine.
        beta: Where the smooth L1 turns from square to absolute.
    """

    def __init__(
        self,
        smooth_l1_weight: float = 1.0,
        cosine_weight: float = 1.0,
        beta: float = 1.0,
    ) -> None:
        super().__init__()
        self.smooth_l1_weight = smooth_l1_weight
        self.cosine_weight = cosine_weight
        self.beta = beta

    def forward(
        self, estimated: Tensor, gold: Tensor, valid: Tensor | None = None
    ) -> Tensor:
        """Return the mean over valid places ``[]``; 0 where there is none.

        Args:
            estimated: Features ``[..., C]``.
            gold: Features of the same shape.
            valid: bool, the leading dimensions of the features; None takes all.

        Raises:
            ValueError: The shapes differ.
        """
        if estimated.shape != gold.shape:
            raise ValueError(
                f'estimated features are {list(estimated.shape)}, expected '
                f'{list(gold.shape)} as the gold ones'
            )
        if valid is not None:
            estimated, gold = estimated[valid], gold[valid]
        if not estimated.numel():
            # Keeps the graph, so that every parameter has a gradient.
            return estimated.sum()
        estimated, gold = estimated.float(), gold.float()
        mean = gold.mean(dim=-1, keepdim=True)
        scale = (gold.var(dim=-1, unbiased=False, keepdim=True) + EPSILON).rsqrt()
        estimated, gold = (estimated - mean) * scale, (gold - mean) * scale
        smooth = F.smooth_l1_loss(estimated, gold, beta=self.beta)
        cosine = 1 - F.cosine_similarity(estimated, gold, dim=-1).mean()
        return self.smooth_l1_weight * smooth + self.cosine_weight * cosine
