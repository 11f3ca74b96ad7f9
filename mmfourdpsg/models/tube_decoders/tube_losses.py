"""Losses of a tube decoder: the mask terms of Eq. 1 and that of the object score."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from .training_clip import TrainingClip


class TubeLosses(nn.Module):
    """Compares decoded masks, their expected IoU and object scores with the targets.

    Mask terms are means over all pairs of an object and a frame in which it is
    visible, the object score's over all pairs with a real frame. It has no weights.

    Shapes: ``n`` objects in ``K`` frames, ``S`` rows and columns of SAM2's input, ``P``
    pairs of an object and a frame that shows it, ``s`` the size of a loss.

    Args:
        size: Rows and columns ``s`` at which masks are compared, in pixels.
        loss_iou: Config of the loss on the predicted IoU; None is
            :class:`IoURegressionLoss` as it is.
        loss_dice: Config of the first loss on the masks; None is
            :class:`MaskDiceLoss`.
        loss_focal: Config of the second; None is :class:`SigmoidFocalLoss` with the
            paper's weight 20.
        loss_object_score: Config of the loss on the object score; None is
            :class:`ObjectScoreLoss`.
    """

    NAMES = ('loss_iou', 'loss_dice', 'loss_focal', 'loss_object_score')

    def __init__(
        self,
        size: int,
        loss_iou: dict | None = None,
        loss_dice: dict | None = None,
        loss_focal: dict | None = None,
        loss_object_score: dict | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self.loss_iou = MODELS.build(loss_iou or dict(type='IoURegressionLoss'))
        self.loss_dice = MODELS.build(loss_dice or dict(type='MaskDiceLoss'))
        self.loss_focal = MODELS.build(
            loss_focal or dict(type='SigmoidFocalLoss', loss_weight=20.0)
        )
        self.loss_object_score = MODELS.build(
            loss_object_score or dict(type='ObjectScoreLoss')
        )

    def forward(
        self, logits: Tensor, iou: Tensor, score: Tensor, clip: TrainingClip
    ) -> dict[str, Tensor]:
        """Return the terms by name.

        Args:
            logits: Raw masks ``[n, K, S/4, S/4]``.
            iou: IoU ``[n, K]`` that the decoder expects of them.
            score: Logits of the object score ``[n, K]``.
            clip: The objects in their frames, with targets.
        """
        shown = clip.present
        masks = F.interpolate(
            logits[shown][:, None], (self.size, self.size), mode='bilinear'
        )[:, 0]  # [P, s, s]
        targets = clip.targets[shown]
        return dict(
            loss_iou=self.loss_iou(iou[shown], masks, targets),
            loss_dice=self.loss_dice(masks, targets),
            loss_focal=self.loss_focal(masks, targets),
            loss_object_score=self.loss_object_score(
                score[clip.real], shown[clip.real]
            ),
        )
