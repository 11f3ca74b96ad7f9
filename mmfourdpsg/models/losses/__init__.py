"""The mask terms of 4D-LLM's loss (paper, Eq. 1)."""

from .iou_regression_loss import IoURegressionLoss
from .mask_dice_loss import MaskDiceLoss
from .object_score_loss import ObjectScoreLoss
from .sigmoid_focal_loss import SigmoidFocalLoss

__all__ = [
    'IoURegressionLoss',
    'MaskDiceLoss',
    'ObjectScoreLoss',
    'SigmoidFocalLoss',
]
