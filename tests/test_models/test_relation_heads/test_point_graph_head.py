"""The head on clouds of points: batches, gradients, losses by hand."""

import pytest
import torch

from mmfourdpsg.models.relation_heads import (
    ObjectPointClouds,
    PointGraphHead,
    PointGraphTargets,
    PointNet,
)


def build(**options):
    torch.manual_seed(0)
    encoder = dict(type='PointNet', channels=(8, 12))
    return PointGraphHead(
        num_categories=5,
        num_predicates=3,
        object_encoder=encoder,
        pair_encoder=encoder,
        graph_network=dict(type='TripletGCN', hidden_channels=8, num_layers=2),
        hidden_channels=(8,),
        **options,
    )


def video(num_objects, seed=0, known=None):
    generator = torch.Generator().manual_seed(seed)
    ends = [(i, j) for i in range(num_objects) for j in range(num_objects) if i != j]
    known = [True] * num_objects if known is None else known
    return ObjectPointClouds(
        torch.randn(num_objects, 6, 3, generator=generator),
        torch.tensor(known, dtype=torch.bool),
        torch.tensor(ends, dtype=torch.long).reshape(-1, 2),
        torch.randn(len(ends), 7, 4, generator=generator),
    )


def targets(clouds, category=1):
    holds = torch.zeros(len(clouds.ends), 3, dtype=torch.bool)
    holds[:1, 2] = True
    return PointGraphTargets(torch.full((len(clouds.objects),), category), holds)


def test_a_pointnet_takes_points_in_any_order_and_any_number_of_clouds():
    torch.manual_seed(0)
    net = PointNet(3, (8, 12), clouds_per_pass=2).eval()
    clouds = torch.randn(5, 6, 3)
    found = net(clouds)
    torch.testing.assert_close(net(clouds[:, [3, 1, 0, 5, 4, 2]]), found)
    torch.testing.assert_close(net(clouds[4:]), found[4:])
    # By the loop: the greatest value of any point.
    one = torch.stack([net.layers(point[None])[0] for point in clouds[0]])
    torch.testing.assert_close(found[0], one.amax(dim=0))
    assert net(clouds[:0]).shape == (0, 12)
    assert net.train()(clouds[:0]).shape == (0, 12)


def test_a_video_has_in_a_batch_what_it_has_alone():
    head = build().eval()
    videos = [video(3), video(0), video(1, 1), video(4, 2)]
    for found, alone in zip(
        head(videos), map(head, [[v] for v in videos]), strict=True
    ):
        for one, other in zip(found, alone[0], strict=True):
            torch.testing.assert_close(one, other)


def test_losses_are_as_worked_out_by_hand():
    head = build(category_weight=0.5, predicate_weight=2.0, max_pos_weight=4.0).eval()
    clouds = video(3, known=[True, True, False])
    labels = torch.tensor([1, 4, 2])
    holds = torch.zeros(6, 3, dtype=torch.bool)
    holds[0, 2] = holds[1, 1] = holds[2, 1] = holds[3, 1] = True
    losses = head.loss([clouds], [PointGraphTargets(labels, holds)])
    ((categories, predicates),) = head([clouds])
    # Two categories are shown, each once; the third object has no points.
    rows = -categories.log_softmax(dim=1)
    expected = 0.5 * (rows[0, 1] + rows[1, 4]) / 2
    torch.testing.assert_close(losses['loss_category'], expected)
    # Five to one, at most four; three to three; none, which counts once.
    weights = [1.0, 1.0, 4.0]
    total = 0.0
    for pair in range(6):
        for kind in range(3):
            likely = predicates[pair, kind].sigmoid()
            total -= (
                weights[kind] * likely.log()
                if holds[pair, kind]
                else (1 - likely).log()
            )
    torch.testing.assert_close(losses['loss_predicate'], 2 * total / 18)


def test_each_category_of_a_batch_counts_the_same():
    head = build().eval()
    clouds = video(4)
    labels = torch.tensor([1, 1, 1, 3])
    holds = torch.zeros(12, 3, dtype=torch.bool)
    loss = head.loss([clouds], [PointGraphTargets(labels, holds)])['loss_category']
    rows = -head([clouds])[0][0].log_softmax(dim=1)
    expected = 0.1 * (rows[:3, 1].mean() + rows[3, 3]) / 2
    torch.testing.assert_close(loss, expected)


@pytest.mark.parametrize('count', [3, 1, 0])
def test_every_weight_has_a_gradient_whatever_a_video_shows(count):
    head = build()
    clouds = video(count)
    losses = head.loss([clouds], [targets(clouds)])
    assert set(losses) == {'loss_category', 'loss_predicate'}
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in head.parameters())
    if count == 3:
        parts = (head.object_encoder, head.pair_encoder, head.graph_network)
        for part in parts:
            assert sum(p.grad.abs().sum() for p in part.parameters()) > 0


def test_relations_teach_the_encoder_of_objects():
    """By messages alone: its own loss is left out."""
    head = build()
    clouds = video(3)
    head.loss([clouds], [targets(clouds)])['loss_predicate'].backward()
    assert head.object_encoder.layers[0].weight.grad.abs().sum() > 0
    assert head.category_classifier[0].weight.grad.abs().sum() == 0


def test_encoders_of_different_widths_are_refused():
    with pytest.raises(ValueError, match='pair_encoder has 4 channels, expected 12'):
        PointGraphHead(
            5,
            3,
            dict(type='PointNet', channels=(12,)),
            dict(type='PointNet', channels=(4,)),
            dict(type='TripletGCN'),
        )
