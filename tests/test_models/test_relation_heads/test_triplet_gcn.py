"""The graph network is the plain loop, and its messages go both ways."""

import pytest
import torch

from mmfourdpsg.models.relation_heads import TripletGCN

ENDS = torch.tensor([[0, 1], [1, 0], [2, 1], [0, 1]])


def build(num_layers=2):
    torch.manual_seed(0)
    return TripletGCN(embed_dims=6, hidden_channels=5, num_layers=num_layers).double()


def features(num_objects=4, ends=ENDS):
    generator = torch.Generator().manual_seed(1)
    sizes = ((num_objects, 6), (len(ends), 6))
    return [torch.randn(*size, generator=generator).double() for size in sizes]


def dense_loop(network, objects, pairs, ends):
    """The equations, an object and a pair at a time."""
    for number, layer in enumerate(network.layers):
        if number:
            objects, pairs = objects.relu(), pairs.relu()
        received = [[] for _ in objects]
        next_pairs = []
        for (subject, obj), pair in zip(ends.tolist(), pairs, strict=True):
            said = layer.messages(torch.cat([objects[subject], pair, objects[obj]]))
            received[subject].append(said[:5])
            next_pairs.append(said[5:11])
            received[obj].append(said[11:])
        means = [
            torch.stack(rows).mean(dim=0) if rows else torch.zeros(5).double()
            for rows in received
        ]
        objects = torch.stack(
            [old + layer.update(m) for old, m in zip(objects, means, strict=True)]
        )
        pairs = torch.stack(next_pairs)
    return objects, pairs


def test_it_is_the_loop_over_objects_and_pairs():
    network = build(3)
    found = network(*features(), ENDS)
    for one, other in zip(found, dense_loop(network, *features(), ENDS), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(('changed', 'reached'), [(0, {0, 1}), (2, {1, 2}), (3, {3})])
def test_messages_reach_the_subject_and_the_object(changed, reached):
    """Of 0 on 1, 1 on 0, 2 on 1; nothing is of 3."""
    network = build(1)
    objects, pairs = features()
    other = objects.clone()
    other[changed] += 1
    before, after = (network(x, pairs, ENDS)[0] for x in (objects, other))
    moved = (before - after).abs().amax(dim=1) > 1e-9
    assert set(moved.nonzero().flatten().tolist()) == reached


def test_a_pair_alone_tells_both_of_its_objects():
    network = build(1)
    objects, pairs = features()
    pairs.requires_grad_()
    found, _ = network(objects, pairs, ENDS)
    for end in (2, 1):
        (gradient,) = torch.autograd.grad(found[end].sum(), pairs, retain_graph=True)
        assert gradient[2].abs().sum() > 0


def test_the_order_of_objects_and_pairs_changes_nothing():
    network = build()
    objects, pairs = features()
    order, row_order = torch.tensor([2, 0, 3, 1]), torch.tensor([3, 1, 0, 2])
    places = order.argsort()
    expected = network(objects, pairs, ENDS)
    found = network(objects[order], pairs[row_order], places[ENDS][row_order])
    torch.testing.assert_close(found[0], expected[0][order])
    torch.testing.assert_close(found[1], expected[1][row_order])


def test_a_graph_without_pairs_or_objects_stays_whole():
    network = build()
    for count in (3, 0):
        objects = torch.randn(count, 6).double()
        nothing = torch.zeros(0, 6).double()
        found = network(objects, nothing, torch.zeros(0, 2).long())
        assert found[0].shape == (count, 6) and found[1].shape == (0, 6)
        assert torch.isfinite(found[0]).all()
