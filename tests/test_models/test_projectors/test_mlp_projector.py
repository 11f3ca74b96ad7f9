import torch

from mmfourdpsg.models.projectors import MLPProjector
from mmfourdpsg.registry import MODELS


def test_the_projector_is_two_layers_with_gelu_between():
    projector = MODELS.build(dict(type='MLPProjector', in_channels=3, out_channels=5))
    assert isinstance(projector, MLPProjector)
    tokens = torch.randn(2, 4, 3)
    first, _, second = projector.layers
    hidden = tokens @ first.weight.T + first.bias
    gelu = hidden * 0.5 * (1 + torch.erf(hidden / 2**0.5))
    expected = gelu @ second.weight.T + second.bias
    torch.testing.assert_close(projector(tokens), expected)
    assert first.out_features == 5


def test_the_hidden_width_can_be_set():
    assert MLPProjector(3, 5, hidden_channels=7).layers[0].out_features == 7
