"""The relation head: what may not matter to it, what has to, and what it finds."""

import pytest
import torch
from torch import nn

from mmfourdpsg.models.relation_heads import RelationHead, RelationTargets
from mmfourdpsg.models.relation_heads.relation_head import (
    positive_frames,
    visible_pairs,
)
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

PREDICATES = ('on', 'next to', 'holding')
ENCODER = dict(
    type='SpatialTemporalEncoder', num_heads=2, feedforward_channels=16, dropout=0.0
)


def build(temporal_layers=1, **options):
    torch.manual_seed(0)
    encoder = dict(ENCODER, temporal_layers=temporal_layers)
    head = RelationHead(
        8, 3, encoder, encoder, dict(type='PairProposal', hidden_channels=16), **options
    )
    return head.eval()


def video(num_objects=4, num_frames=5):
    torch.manual_seed(1)
    x = torch.randn(num_objects, num_frames, 8)
    present = torch.rand(num_objects, num_frames) > 0.3
    present[:, 2] = True
    return x, present, torch.arange(num_frames)


def outputs(head, x, present, times):
    """Logits of all pairs, of their predicates, and of frames where both are."""
    with torch.no_grad():
        subjects, objects, pairs = head.encode(x, present, times)
        ends = torch.tensor([(i, j) for i in range(4) for j in range(4) if i != j])
        predicates, spans, common = head.classify(
            subjects, objects, present, times, ends
        )
    return pairs, predicates, spans * common[..., None]


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


TEMPORAL_MODELS = [
    None,
    dict(type='FilterPairModel'),
    dict(type='ConvPairModel'),
    dict(type='TransformerPairModel'),
]


@pytest.mark.parametrize('model', TEMPORAL_MODELS, ids=str)
def test_what_absent_objects_look_like_changes_nothing(model):
    head = build(pair_temporal_model=model)
    x, present, times = video()
    other = x.where(present[..., None], 100.0)
    assert_same(outputs(head, other, present, times), outputs(head, x, present, times))


def test_an_object_that_is_never_there_changes_nothing():
    head = build()
    x, present, times = video()
    more = (
        torch.cat([x, torch.randn(1, 5, 8)]),
        torch.cat([present, present[:1] & False]),
    )
    found = outputs(head, *more, times)
    expected = outputs(head, x, present, times)
    assert_same([found[0][:4, :4], *found[1:]], expected)


@pytest.mark.parametrize('model', TEMPORAL_MODELS[::3], ids=str)
def test_frames_that_show_nothing_change_nothing(model):
    head = build(pair_temporal_model=model)
    x, present, times = video()
    padded = torch.cat([x, torch.randn(4, 2, 8)], dim=1)
    mask = torch.cat([present, torch.zeros(4, 2, dtype=torch.bool)], dim=1)
    pairs, predicates, spans = outputs(head, padded, mask, torch.arange(7))
    assert_same((pairs, predicates, spans[:, :5]), outputs(head, x, present, times))


def test_the_order_of_objects_changes_nothing():
    head = build()
    x, present, times = video()
    order = torch.tensor([2, 0, 3, 1])
    with torch.no_grad():
        _, _, pairs = head.encode(x, present, times)
        _, _, found = head.encode(x[order], present[order], times)
    torch.testing.assert_close(found, pairs[order][:, order], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(('layers', 'commutes'), [(0, True), (1, False)])
def test_only_without_time_the_order_of_frames_is_all_the_same(layers, commutes):
    head = build(layers)
    x, present, times = video()
    order = torch.tensor([3, 1, 4, 0, 2])
    pairs, predicates, spans = outputs(head, x, present, times)
    found = outputs(head, x[:, order], present[:, order], times)
    same = [
        torch.allclose(one, other, atol=1e-5)
        for one, other in zip(found, (pairs, predicates, spans[:, order]), strict=True)
    ]
    assert same == [commutes] * 3


def graph(relations):
    objects = [SceneObject(10 + i, f'thing {i}') for i in range(4)]
    return SceneGraph('a', 4, 4, 20, objects, relations)


def test_targets_are_where_the_annotation_and_both_tubes_are():
    present = torch.tensor([[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 1, 0]]).bool()
    relations = [
        Relation(10, 'on', 11, [(0, 6), (9, 9)]),
        Relation(11, 'holding', 12, [(9, 15)]),
        Relation(10, 'on', 13, [(0, 19)]),
    ]
    # Tubes at frames 3, 6, 9 and 12; object 13 was not found.
    targets = RelationTargets.of_graph(
        graph(relations), [10, 11, 12], present, [3, 6, 9, 12], PREDICATES
    )
    assert targets.ends.tolist() == [[0, 1], [1, 2]]
    assert targets.predicates.tolist() == [0, 2]
    assert targets.spans.int().tolist() == [[1, 0, 1, 0], [0, 0, 1, 0]]
    # Two tubes that show one object are both in its relations.
    targets = RelationTargets.of_graph(
        graph(relations[:1]), [10, 11, 10], present, [3, 6, 9, 12], PREDICATES, 2
    )
    assert targets.ends.tolist() == [[0, 1], [2, 1]]
    with pytest.raises(ValueError, match="'on', expected one of"):
        RelationTargets.of_graph(graph(relations), [], present, [3], ['in'])


def test_perfect_logits_give_the_annotation_back_in_order():
    head = build()
    x, present, times = video()
    ends = torch.tensor([[0, 1], [2, 3]])
    spans = torch.tensor([[True] * 3 + [False] * 2, [False] * 5])
    present[:] = True
    pairs = torch.full((4, 4), -9.0)
    pairs[0, 1], pairs[2, 3] = 9.0, 5.0

    def classify(subjects, objects, present, times, found):
        predicates = torch.full((len(found), 3), -9.0)
        frames = torch.full((len(found), 5, 3), -9.0)
        for row, (kind, span) in enumerate(zip((0, 2), spans, strict=True)):
            place = (found == ends[row]).all(dim=1).nonzero().item()
            predicates[place, kind] = 9.0
            frames[place, :, kind] = torch.where(span, 9.0, -9.0)
        frames[place, 4] = -8.0
        return predicates, frames, torch.ones(len(found), 5, dtype=torch.bool)

    head.encode = lambda *args: (x, x, pairs)
    head.classify = classify
    found = head.predict(x, present, times, torch.tensor([1.0, 0.5, 1.0, 1.0]))
    # The second pair comes first: an object of the other one is not sure.
    assert found.ends[:2].tolist() == [[2, 3], [0, 1]]
    assert found.predicates[:2].tolist() == [2, 0]
    # No frame is positive: the best one.
    assert found.spans[:2].int().tolist() == [[0, 0, 0, 0, 1], [1, 1, 1, 0, 0]]
    expected = torch.sigmoid(torch.tensor([5.0, 9.0])) * torch.sigmoid(
        torch.tensor(9.0)
    )
    torch.testing.assert_close(found.scores[:2], expected * torch.tensor([1.0, 0.5]))
    assert len(found.scores) == 12 * 3
    assert (found.scores.diff() <= 0).all()


def test_pairs_that_are_never_there_together_are_not_related():
    head = build()
    x, present, times = video()
    present[:] = False
    present[0, :2] = present[1, 1:3] = present[2, 3:] = True
    assert visible_pairs(present).nonzero().tolist() == [[0, 1], [1, 0]]
    found = head.predict(x, present, times, torch.ones(4))
    assert {tuple(row) for row in found.ends.tolist()} == {(0, 1), (1, 0)}
    assert (found.spans.nonzero()[:, 1] == 1).all()
    assert found.spans.any(dim=1).all()


@pytest.mark.parametrize(('objects', 'frames'), [(0, 5), (1, 5), (3, 0)])
def test_a_video_without_pairs_has_no_relations_and_no_loss(objects, frames):
    head = build()
    x = torch.randn(objects, frames, 8)
    present = torch.ones(objects, frames, dtype=torch.bool)
    found = head.predict(x, present, torch.arange(frames), torch.ones(objects))
    assert found.ends.shape == (0, 2) and found.spans.shape == (0, frames)
    none = RelationTargets(torch.zeros(0, 2).long(), torch.zeros(0).long(), found.spans)
    losses = head.loss([(x, present, torch.arange(frames), none)])
    assert [float(value) for value in losses.values()] == [0, 0, 0]
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in head.parameters())


def test_positive_frames_are_common_ones():
    logits = torch.tensor([[2.0, 3.0, -1.0], [-2.0, -1.0, -3.0]])
    common = torch.tensor([[True, False, True], [True, False, True]])
    expected = [[True, False, False], [True, False, False]]
    assert positive_frames(logits, common).tolist() == expected


def targets_of(*rows):
    ends, kinds, spans = zip(*rows, strict=True)
    return RelationTargets(
        torch.tensor(ends), torch.tensor(kinds), torch.tensor(spans).bool()
    )


def test_predicates_of_unrelated_pairs_are_learned_not_to_hold():
    head = build(max_pos_weight=2.0, unrelated=11.0)
    x, present, times = video()
    present[:] = True
    targets = targets_of(((0, 1), 1, [1, 1, 0, 0, 0]))
    losses = head.loss([(x, present, times, targets)])
    _, predicates, spans = outputs(head, x, present, times)
    labels = torch.zeros(12, 3)
    labels[0, 1] = 1
    # One pair of twelve has it: eleven to one, and at most two.
    weight = torch.tensor([1.0, 2.0, 1.0])
    expected = nn.functional.binary_cross_entropy_with_logits(
        predicates, labels, pos_weight=weight
    )
    torch.testing.assert_close(losses['loss_predicate'], 5 * expected)
    row = spans[0, :, 1].exp()
    expected = (1 + row[2:].sum()).log() + (1 + (1 / row[:2]).sum()).log()
    torch.testing.assert_close(losses['loss_span'], expected, rtol=1e-4, atol=1e-5)


def test_the_loss_of_a_batch_is_the_mean_of_its_videos():
    head = build(unrelated=20.0)
    one, other = video(), video(3, 7)
    first = targets_of(((0, 1), 0, [1, 1, 1, 0, 0]))
    second = targets_of(((2, 1), 2, [0, 0, 1, 0, 0, 0, 0]))
    alone = [head.loss([(*one, first)]), head.loss([(*other, second)])]
    both = head.loss([(*one, first), (*other, second)])
    for name in ('loss_pair', 'loss_span'):
        torch.testing.assert_close(both[name], (alone[0][name] + alone[1][name]) / 2)


def test_a_video_is_learned_by_heart():
    head = build(unrelated=20.0).train()
    x, present, times = video()
    targets = targets_of(
        ((0, 1), 0, [1, 1, 1, 0, 0]), ((0, 1), 1, [0, 0, 1, 1, 1]),
        ((3, 2), 2, [0, 0, 1, 0, 0]),
    )  # fmt: skip
    present[:] = True
    optimizer = torch.optim.Adam(head.parameters(), 5e-3)
    for _ in range(120):
        optimizer.zero_grad()
        sum(head.loss([(x, present, times, targets)]).values()).backward()
        optimizer.step()
    found = head.eval().predict(x, present, times, torch.ones(4))
    rows = {
        (tuple(ends), kind): span
        for ends, kind, span in zip(
            found.ends[:3].tolist(),
            found.predicates[:3].tolist(),
            found.spans[:3].int().tolist(),
            strict=True,
        )
    }
    assert rows == {
        ((0, 1), 0): [1, 1, 1, 0, 0],
        ((0, 1), 1): [0, 0, 1, 1, 1],
        ((3, 2), 2): [0, 0, 1, 0, 0],
    }


def test_an_unknown_score_is_refused():
    with pytest.raises(ValueError, match="score is 'sum', expected one of"):
        build(score='sum')
