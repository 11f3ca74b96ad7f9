"""Losses: mask terms of Eq. 1, feature distance of Eq. 2 to 6, ZLPR of relations."""

from .feature_regression_loss import FeatureRegressionLoss
from .iou_regression_loss import IoURegressionLoss
from .mask_dice_loss import MaskDiceLoss
from .object_score_loss import ObjectScoreLoss
from .pair_bce_loss import PairBCELoss
from .sigmoid_focal_loss import SigmoidFocalLoss
from .zlpr_loss import ZLPRLoss

__all__ = [
    'FeatureRegressionLoss',
    'IoURegressionLoss',
    'MaskDiceLoss',
    'ObjectScoreLoss',
    'PairBCELoss',
    'SigmoidFocalLoss',
    'ZLPRLoss',
]
