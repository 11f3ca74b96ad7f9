import math

import pytest
import torch

from mmfourdpsg.models.losses import (
    IoURegressionLoss,
    MaskDiceLoss,
    ObjectScoreLoss,
    SigmoidFocalLoss,
)


@pytest.fixture
def masks():
    torch.manual_seed(0)
    logits = torch.randn(3, 4, 5, dtype=torch.float64)
    targets = torch.rand(3, 4, 5, dtype=torch.float64)
    targets[0] = (targets[0] > 0.5).double()
    return logits, targets


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def pixels(logits, targets):
    pairs = zip(logits.flatten().tolist(), targets.flatten().tolist(), strict=True)
    return [(sigmoid(logit), target) for logit, target in pairs]


def test_focal_equals_the_sum_over_pixels(masks):
    alpha, gamma = 0.25, 2.0
    terms = []
    for p, t in pixels(*masks):
        entropy = -t * math.log(p) - (1 - t) * math.log(1 - p)
        wrong = abs(p * (1 - t) + (1 - p) * t) ** gamma
        terms.append((alpha * t + (1 - alpha) * (1 - t)) * wrong * entropy)
    found = SigmoidFocalLoss(alpha, gamma, loss_weight=20.0)(*masks)
    assert found.item() == pytest.approx(20 * sum(terms) / len(terms), rel=1e-5)


def test_focal_of_hard_targets_is_the_published_formula():
    logits, targets = torch.tensor([[[2.0, -1.0]]]), torch.tensor([[[1.0, 0.0]]])
    right, wrong = sigmoid(2.0), sigmoid(-1.0)
    expected = (
        -0.25 * (1 - right) ** 2 * math.log(right)
        - 0.75 * wrong**2 * math.log(1 - wrong)
    ) / 2
    assert SigmoidFocalLoss()(logits, targets).item() == pytest.approx(expected)


def test_dice_equals_the_sum_over_pixels(masks):
    expected = []
    for logits, targets in zip(*masks, strict=True):
        rows = pixels(logits, targets)
        overlap = sum(p * t for p, t in rows)
        total = sum(p + t for p, t in rows)
        expected.append(1 - (2 * overlap + 1) / (total + 1))
    found = MaskDiceLoss(loss_weight=3.0)(*masks)
    assert found.item() == pytest.approx(3 * sum(expected) / 3, rel=1e-5)


def test_iou_regression_is_the_squared_error_worked_out_by_hand():
    logits = torch.tensor([[[5.0, 5.0, -5.0, -5.0]], [[-1.0, -1.0, -1.0, -1.0]]])
    targets = torch.tensor([[[1.0, 0.4, 0.6, 0.0]], [[0.0, 0.0, 0.0, 0.0]]])
    logits.requires_grad_()
    predicted = torch.tensor([0.5, 0.2], requires_grad=True)
    # Of the first, one pixel of three agrees; the second is empty in both.
    expected = ((0.5 - 1 / 3) ** 2 + 0.2**2) / 2
    loss = IoURegressionLoss()(predicted, logits, targets)
    assert loss.item() == pytest.approx(expected)
    loss.backward()
    assert predicted.grad.abs().min() > 0
    assert logits.grad is None


def test_object_score_is_binary_cross_entropy():
    logits, present = torch.tensor([1.5, -0.5]), torch.tensor([True, True])
    expected = -(math.log(sigmoid(1.5)) + math.log(sigmoid(-0.5))) / 2
    found = ObjectScoreLoss(loss_weight=2.0)(logits, present)
    assert found.item() == pytest.approx(2 * expected)


@pytest.mark.parametrize('loss', [SigmoidFocalLoss(), MaskDiceLoss()])
def test_no_masks_give_an_attached_zero(loss):
    logits = torch.zeros(0, 4, 4, requires_grad=True)
    value = loss(logits, torch.zeros(0, 4, 4))
    assert value.item() == 0
    value.backward()


def test_no_scores_give_an_attached_zero():
    scores = torch.zeros(0, requires_grad=True)
    masks = torch.zeros(0, 4, 4)
    for value in (
        IoURegressionLoss()(scores, masks, masks),
        ObjectScoreLoss()(scores, torch.zeros(0, dtype=torch.bool)),
    ):
        assert value.item() == 0
        value.backward()
