import pytest
import torch

from mmfourdpsg.models.losses import PairBCELoss


def test_related_pairs_count_as_much_as_all_others_together():
    logits = torch.tensor([2.0, -1.0, 0.5, 7.0])
    targets = torch.tensor([True, False, False, True])
    mask = torch.tensor([True, True, True, False])
    plus = torch.nn.functional.softplus
    expected = (2 * plus(-logits[0]) + plus(logits[1]) + plus(logits[2])) / 3
    found = PairBCELoss(5.0)(logits, targets, mask)
    assert found.item() == pytest.approx(5 * expected.item())
    bounded = PairBCELoss(5.0, max_pos_weight=1.0)(logits, targets, mask)
    assert bounded.item() == pytest.approx(
        5 * (expected - plus(-logits[0]) / 3).item(), rel=1e-5
    )
    assert PairBCELoss()(logits, targets, mask & False).item() == 0
