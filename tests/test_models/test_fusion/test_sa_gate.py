import math

import torch

from mmfourdpsg.models.fusion import SAGate, SAGateCore, SumAggregator


def inputs(dims=(2, 3, 2, 4), rgb=8, depth=5):
    torch.manual_seed(0)
    return torch.randn(*dims, rgb), torch.randn(*dims, depth)


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


def apply_linear(layer, vector):
    weight, bias = layer.weight.tolist(), layer.bias.tolist()
    return [
        sum(w * v for w, v in zip(row, vector, strict=True)) + b
        for row, b in zip(weight, bias, strict=True)
    ]


def reference_frame(module, rgb, depth):
    """The gate's equations for one frame of pixels, in loops over plain numbers.

    W = sigmoid(MLP(pooled)); RGB_rec = W_depth * depth + RGB, and the same the
    other way round; gates = softmax over two maps; M = G_rgb RGB + G_depth depth.
    """
    pixels = range(len(rgb))
    channels = range(len(rgb[0]))
    depth = [apply_linear(module.lift, pixel) for pixel in depth]

    def pool(features):
        return [sum(f[c] for f in features) / len(features) for c in channels]

    pooled = pool(depth) + pool(rgb)

    def attention(mlp):
        hidden = [max(v, 0.0) for v in apply_linear(mlp[0], pooled)]
        return [sigmoid(v) for v in apply_linear(mlp[2], hidden)]

    weight_depth = attention(module.filter_depth)
    weight_rgb = attention(module.filter_rgb)
    fused = []
    for p in pixels:
        rgb_rec = [weight_depth[c] * depth[p][c] + rgb[p][c] for c in channels]
        depth_rec = [weight_rgb[c] * rgb[p][c] + depth[p][c] for c in channels]
        score_rgb, score_depth = apply_linear(module.gate, rgb_rec + depth_rec)
        gate = math.exp(score_rgb) / (math.exp(score_rgb) + math.exp(score_depth))
        fused.append([gate * rgb[p][c] + (1 - gate) * depth[p][c] for c in channels])
    return fused


def test_sa_gate_equals_the_loop_over_frames_and_pixels():
    rgb, depth = inputs()
    module = SAGate(8, 5, reduction=4)
    found = module(rgb, depth, torch.tensor([True, True]))
    for b in range(2):
        for t in range(3):
            expected = reference_frame(
                module,
                rgb[b, t].reshape(8, 8).tolist(),
                depth[b, t].reshape(8, 5).tolist(),
            )
            torch.testing.assert_close(
                found[b, t].reshape(8, 8), torch.tensor(expected), atol=1e-5, rtol=1e-5
            )
    assert (found < 0).any()  # no ReLU


def test_without_depth_the_output_is_exactly_rgb():
    rgb, depth = inputs()
    for module in (SAGate(8, 5), SumAggregator(8, 5)):
        found = module(rgb, depth, torch.tensor([True, False]))
        assert torch.equal(found[1], rgb[1])
        assert not torch.equal(found[0], rgb[0])
        by_frame = torch.tensor([[True, False, True], [False, False, True]])
        found = module(rgb, depth, by_frame)
        same = (found == rgb).flatten(2).all(dim=2)
        assert torch.equal(same, ~by_frame)


def test_gradients_reach_every_parameter_and_stay_finite():
    rgb, depth = inputs()
    rgb.requires_grad_()
    module = SAGate(8, 5, reduction=1)
    module(rgb, depth, torch.tensor([True, False])).square().sum().backward()
    for parameter in module.parameters():
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.abs().sum() > 0
    torch.testing.assert_close(rgb.grad[1], 2 * rgb[1].detach())


def test_sum_adds_the_lifted_depth():
    rgb, depth = inputs()
    module = SumAggregator(8, 5)
    found = module(rgb, depth, torch.tensor([True, True]))
    expected = rgb + depth @ module.lift.weight.T + module.lift.bias
    torch.testing.assert_close(found, expected)


def test_the_core_fuses_the_stage_of_a_cnn_as_it_does_a_frame():
    torch.manual_seed(0)
    core = SAGateCore(8, reduction=4)
    rgb, depth = torch.randn(2, 8, 5, 7), torch.randn(2, 8, 5, 7)  # [B, C, h, w]
    last = core.fuse(rgb.permute(0, 2, 3, 1), depth.permute(0, 2, 3, 1))
    frames = core.fuse(
        rgb.permute(0, 2, 3, 1)[:, None], depth.permute(0, 2, 3, 1)[:, None]
    )
    assert last.shape == (2, 5, 7, 8)
    assert torch.equal(frames[:, 0], last)
