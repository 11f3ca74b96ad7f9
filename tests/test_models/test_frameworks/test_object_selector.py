"""Objects that are one thing, or that nothing needs, are not followed."""

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmfourdpsg.models import SceneGraphAssembler
from mmfourdpsg.models.frameworks import ObjectSelector
from mmfourdpsg.models.frameworks.graph_completion import GraphCompletion
from mmfourdpsg.models.scene_graph_heads import (
    GeneratedGraph,
    GeneratedObject,
    GeneratedRelation,
)
from mmfourdpsg.models.tube_decoders import ObjectLook
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample


def generated(*objects, relations=(), states=None):
    return GeneratedGraph(
        [GeneratedObject(*item) for item in objects],
        [GeneratedRelation(a, name, b, [(0, 0)], s) for a, name, b, s in relations],
        torch.eye(len(objects)) if states is None else states,
        '',
        0,
    )


class Looked:
    """A tube decoder that knows the mask ``[first, last)`` of each object."""

    def __init__(self, *masks):
        dense = torch.zeros(len(masks), 40)
        for row, (first, last) in zip(dense, masks, strict=True):
            row[first:last] = 1
        common = dense @ dense.T
        area = dense.sum(1)
        union = (area[:, None] + area - common).clamp(min=1)
        self.found = ObjectLook(common / union, (area > 0).float(), {0: 'features'})

    def look(self, frames, prompts, num_frames):
        assert len(prompts) == len(self.found.ious) and num_frames == 3
        return self.found


CUPS = [('cup', 0.3), ('mug', 0.6), ('cup', 0.5), ('table', 0.9)]


def select(graph, masks, is_whole=True, **options):
    return ObjectSelector(**options)(graph, [], Looked(*masks), is_whole)


def test_what_is_clearly_one_thing_is_followed_once_under_the_best_name():
    graph = generated(
        *CUPS,
        relations=[
            (0, 'on', 3, 0.9),
            (1, 'on', 3, 0.8),
            (0, 'next to', 1, 0.7),
            (2, 'on', 3, 0.6),
        ],
    )
    graph.pairs = {(0, 3): 'touch', (1, 3): 'near', (0, 1): 'alike', (3, 2): ''}
    found = select(graph, [(0, 10), (1, 10), (20, 30), (0, 40)])
    assert found.places == [0, 0, 1, 2]
    assert (found.num_merged, found.num_left_out) == (1, 0)
    assert torch.equal(found.states, torch.eye(4)[[1, 2, 3]])
    assert found.features == {0: 'features'}
    reduced = found.reduce(graph)
    assert [item.category for item in reduced.objects] == ['mug', 'cup', 'table']
    # Equal ones stay rows, for the assembler; a thing is not next to itself.
    assert [(row.subject, row.object, row.score) for row in reduced.relations] == [
        (0, 2, 0.9),
        (0, 2, 0.8),
        (1, 2, 0.6),
    ]
    assert reduced.pairs == {(0, 2): 'touch', (2, 1): ''}
    assert len(graph.objects) == len(graph.relations) == 4


@pytest.mark.parametrize(
    ('second', 'is_one'), [((0, 20), False), ((0, 14), True), ((30, 40), False)]
)
def test_what_may_be_two_things_is_kept_apart(second, is_one):
    graph = generated(('cup', 0.5), ('cup', 0.4))
    found = select(graph, [(0, 10), second])
    assert (found.places == [0, 0]) is is_one
    # Another name asks for more.
    graph.objects[1].category = 'mug'
    assert select(graph, [(0, 10), second], other_name_iou=0.8).places == [0, 1]


def test_what_is_not_seen_is_nothing_else():
    graph = generated(('cup', 0.5), ('cup', 0.4), ('cup', 0.3))
    assert select(graph, [(0, 0), (0, 0), (0, 9)]).places == [0, 1, 2]


def test_groups_are_those_of_a_plain_loop():
    rng = np.random.default_rng(0)
    for _ in range(20):
        starts = rng.integers(0, 20, 8)
        masks = [(int(a), int(a + rng.integers(1, 12))) for a in starts]
        scores = rng.random(8).tolist()
        graph = generated(*(('cup', score) for score in scores))
        iou = Looked(*masks).found.overlaps
        heads = {}
        for index in sorted(range(8), key=lambda i: -scores[i]):
            best = max(
                (i for i in heads if heads[i] == i and iou[index, i] >= 0.4),
                key=lambda i: iou[index, i].item(),
                default=index,
            )
            heads[index] = best
        found = select(graph, masks, merge_iou=0.4)
        assert [found.heads[place] for place in found.places] == [
            heads[i] for i in range(8)
        ]


def test_the_mean_prompt_counts_each_text_by_how_sure_it_is():
    graph = generated(('cup', 0.6), ('cup', 0.2), ('table', 0.0), ('table', 0.0))
    masks = [(0, 10), (0, 10), (20, 30), (20, 30)]
    found = select(graph, masks, prompt='mean')
    expected = torch.tensor([[0.75, 0.25, 0, 0], [0, 0, 0.5, 0.5]])
    torch.testing.assert_close(found.states, expected)


def test_what_no_relation_needs_is_left_out_unless_the_greedy_sample_names_it():
    graph = generated(
        ('cup', 0.5, '', True),
        ('table', 0.9, '', False),
        ('ball', 0.4, '', False),
        ('box', 0.3, '', False),
        ('can', 0.2, '', True),
        relations=[(3, 'on', 1, 0.5), (2, 'on', 1, 0.4), (2, 'in', 4, 0.1)],
    )
    # The can is the ball, so that the ball is named by the greedy sample, too.
    masks = [(0, 4), (5, 9), (10, 14), (15, 19), (10, 14)]
    found = select(graph, masks)
    assert found.places == [0, 1, 2, 3, 2] and found.num_left_out == 0
    found = select(graph, masks, max_relations=1)
    # Now that the box matters less than the ball on the table.
    assert found.places == [0, 1, 2, None, 2] and found.num_left_out == 1
    assert found.num_merged == 1
    assert [row.predicate for row in found.reduce(graph).relations] == ['on']
    graph.relations = []
    assert select(graph, masks).places == [0, None, 1, None, 1]
    for options in (dict(drop_unrelated=False), dict(is_whole=False)):
        assert select(graph, masks, **options).num_left_out == 0


def test_a_graph_of_nothing_selects_nothing():
    graph = generated(states=torch.zeros(0, 4))
    for prompt in ('best', 'mean'):
        found = select(graph, [], prompt=prompt)
        assert found.states.shape == (0, 4)
        assert found.reduce(graph).objects == []


def test_unknown_prompts_are_refused():
    with pytest.raises(ValueError, match='prompt'):
        ObjectSelector(prompt='all')


@pytest.fixture(scope='module')
def decoder(repository):
    path = repository / 'configs/_base_/models/tube_decoders/sam2_mini.py'
    torch.manual_seed(0)
    config = dict(Config.fromfile(path).sam2_mini, prompt_channels=16)
    decoder = MODELS.build(config).eval()
    with torch.no_grad():
        decoder.sam2.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(50)
    return decoder


def complete(decoder, selector, graph, frames):
    sample = SceneGraphDataSample(
        metainfo=dict(video_id='v', ori_shape=frames.shape[1:3], num_frames=len(frames))
    )
    sample.frame_reader = frames
    assembler = SceneGraphAssembler(min_share=0.01)
    GraphCompletion(decoder, assembler, selector)([graph], [sample])
    return sample


def test_merged_before_they_are_followed_things_are_those_merged_after(decoder):
    rng = np.random.default_rng(3)
    frames = rng.integers(0, 255, (4, 48, 64, 3), dtype=np.uint8)
    torch.manual_seed(5)
    apart = 10 * torch.randn(6, 16)[[0, 5]]
    states = torch.cat([apart, apart + 0.01 * torch.randn(2, 16)])
    graph = generated(
        ('cup', 0.9),
        ('table', 0.8),
        ('mug', 0.5),
        ('table', 0.6),
        relations=[(2, 'on', 3, 0.9), (0, 'on', 1, 0.8), (1, 'under', 2, 0.7)],
        states=states,
    )
    after = complete(decoder, None, graph, frames)
    before = complete(decoder, ObjectSelector(), graph, frames)
    # There are two things to tell apart, and two that are not.
    assert len(after.pred_scene_graph.objects) == 2
    assert after.num_merged == before.num_merged == 2
    one, other = after.pred_scene_graph, before.pred_scene_graph
    for item, same in zip(one.objects, other.objects, strict=True):
        assert (item.category, item.id) == (same.category, same.id)
        assert item.score == pytest.approx(same.score, rel=0.02)
        for frame in range(4):
            differing = item.tube.decode(frame) != same.tube.decode(frame)
            assert differing.mean() < 0.02
    assert len(one.relations) == len(other.relations) == 2
    for row, same in zip(one.relations, other.relations, strict=True):
        assert (row.subject, row.predicate, row.object) == (
            same.subject,
            same.predicate,
            same.object,
        )
        assert row.score == pytest.approx(same.score, rel=0.05)


def test_stages_follow_what_was_selected_in_the_first(decoder):
    frames = np.zeros((2, 48, 64, 3), np.uint8)
    torch.manual_seed(5)
    state = torch.randn(1, 16)
    graph = generated(
        ('cup', 0.9, '', True),
        ('mug', 0.5, '', False),
        ('ball', 0.4, '', False),
        relations=[(1, 'on', 2, 0.5)],
        states=torch.cat([state, state, -state]),
    )
    first = GeneratedGraph(graph.objects, [], graph.states, 'first', 0)
    sample = SceneGraphDataSample(
        metainfo=dict(video_id='v', ori_shape=(48, 64), num_frames=2)
    )
    sample.frame_reader = frames
    assembler = SceneGraphAssembler(overlap='keep')
    complete = GraphCompletion(decoder, assembler, ObjectSelector())
    complete([first], [sample], is_whole=False)
    # Nothing is left out before relations are known.
    assert [item.category for item in sample.pred_scene_graph.objects] == [
        'cup',
        'ball',
    ]
    objects = sample.pred_scene_graph.objects
    complete.tube_decoder = None  # what is followed stays so
    complete([graph], [sample])
    assert sample.pred_scene_graph.objects == objects
    (row,) = sample.pred_scene_graph.relations
    assert (row.subject, row.predicate, row.object) == (0, 'on', 1)
    assert (sample.num_merged, sample.num_unrelated) == (1, 0)
    # All at once, the greedy sample's cup is kept, and nothing else.
    GraphCompletion(decoder, assembler, ObjectSelector())([first], [sample])
    assert [item.category for item in sample.pred_scene_graph.objects] == ['cup']
    assert (sample.num_merged, sample.num_unrelated) == (1, 1)
