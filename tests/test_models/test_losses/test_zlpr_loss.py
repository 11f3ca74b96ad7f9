import math

import pytest
import torch

from mmfourdpsg.models.losses import ZLPRLoss


def closed_form(logits, targets):
    below = sum(math.exp(s) for s, t in zip(logits, targets, strict=True) if not t)
    above = sum(math.exp(-s) for s, t in zip(logits, targets, strict=True) if t)
    return math.log(1 + below) + math.log(1 + above)


@pytest.mark.parametrize('holds', [(0, 2), (), (0, 1, 2, 3)])
def test_it_is_the_closed_form(holds):
    logits = [0.5, -1.0, 3.0, -4.0]
    targets = [i in holds for i in range(4)]
    found = ZLPRLoss(2.0)(torch.tensor([logits]), torch.tensor([targets]))
    assert found.tolist() == pytest.approx([2 * closed_form(logits, targets)], rel=1e-5)


def test_what_does_not_count_is_as_if_it_were_not_there():
    logits = torch.tensor([[1.0, -2.0, 9.0, -9.0]], requires_grad=True)
    targets = torch.tensor([[True, False, False, True]])
    mask = torch.tensor([[True, True, False, False]])
    loss = ZLPRLoss()(logits, targets, mask)
    assert loss.item() == pytest.approx(closed_form([1.0, -2.0], [True, False]))
    loss.sum().backward()
    assert logits.grad[0, 2:].tolist() == [0, 0]
    assert ZLPRLoss()(logits, targets, torch.zeros_like(mask)).item() == 0


def test_large_logits_stay_finite():
    logits = torch.tensor([[200.0, -300.0]], requires_grad=True)
    loss = ZLPRLoss()(logits, torch.tensor([[False, True]]))
    assert loss.item() == pytest.approx(500)
    loss.backward()
    assert torch.isfinite(logits.grad).all()
