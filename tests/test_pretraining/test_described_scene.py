import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.pretraining.text import DescribedScene
from mmfourdpsg.pretraining.text.place_loss import ObjectPlaces
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)

WIDTH = 8


def a_sample(categories, masks, frame_indices=(2, 6), num_frames=10):
    sample = SceneGraphDataSample(
        metainfo=dict(num_frames=num_frames, frame_indices=list(frame_indices), fps=5.0)
    )
    objects = [SceneObject(i, name) for i, name in enumerate(categories)]
    relations = [Relation(0, 'on', 1, [(0, 9)])] if len(objects) > 1 else []
    sample.gt_scene_graph = SceneGraph('v', 8, 16, num_frames, objects, relations)
    sample.gt_masks = masks
    return sample


@pytest.fixture
def sample():
    masks = torch.zeros(2, 2, 8, 16, dtype=torch.bool)
    masks[0, 0, 2:4, 4:12] = True
    masks[0, 1, 0:8, 0:4] = True
    masks[1, 1, 7, 15] = True  # the second object comes in the second frame
    return a_sample(('cube', 'table'), masks)


def embed_name(name):
    generator = torch.Generator().manual_seed(len(name))
    return torch.randn(WIDTH, generator=generator)


def test_places_are_boxes_in_shares_of_the_image(sample):
    places = ObjectPlaces.from_masks(sample.gt_masks)
    assert places.shown.tolist() == [[True, True], [False, True]]
    expected = [
        [[0.5, 0.375, 0.5, 0.25], [0.125, 0.5, 0.25, 1.0]],
        [[0.0, 0.0, 0.0, 0.0], [15.5 / 16, 7.5 / 8, 1 / 16, 1 / 8]],
    ]
    torch.testing.assert_close(places.boxes, torch.tensor(expected))


def test_each_visible_object_has_a_token_in_each_frame(sample):
    scene = DescribedScene(WIDTH).eval()
    tokens, mask = scene([sample], embed_name)
    assert mask.tolist() == [[True] * 3]
    boxes = ObjectPlaces.from_masks(sample.gt_masks).boxes
    seen = [('cube', 0, 0, 0.25), ('cube', 0, 1, 0.65), ('table', 1, 1, 0.65)]
    for token, (name, place, frame, time) in zip(tokens[0], seen, strict=True):
        expected = (
            F.layer_norm(embed_name(name), (WIDTH,))
            + scene.time_embedding(torch.tensor([time]))
            + scene.place_embedding(boxes[place, frame])
        )
        torch.testing.assert_close(token, expected)


def test_the_order_of_tokens_does_not_give_away_that_of_the_text(sample):
    other = a_sample(('table', 'cube'), sample.gt_masks.flip(0))
    scene = DescribedScene(WIDTH, drop=0.0, repeat=0.0, noise=0.0).eval()
    tokens, _ = scene([sample, other], embed_name)
    torch.testing.assert_close(tokens[0], tokens[1])
    scene.train()
    torch.manual_seed(0)
    sampled = [scene([sample], embed_name)[0][0] for _ in range(60)]
    firsts = [int((tokens[0] - row[0]).abs().sum(1).argmin()) for row in sampled]
    assert {firsts.count(i) > 10 for i in range(3)} == {True}


def test_batches_are_padded_and_may_hold_empty_scenes(sample):
    empty = a_sample((), torch.zeros(0, 2, 8, 16, dtype=torch.bool))
    tokens, mask = DescribedScene(WIDTH).eval()([sample, empty], embed_name)
    assert tokens.shape == (2, 3, WIDTH)
    assert mask.tolist() == [[True] * 3, [False] * 3]


def test_training_leaves_out_repeats_and_moves(sample):
    torch.manual_seed(0)
    sample.gt_masks = sample.gt_masks.repeat(1, 200, 1, 1)
    sample.set_metainfo(dict(frame_indices=list(range(400)), num_frames=400))
    scene = DescribedScene(WIDTH, drop=0.2, repeat=0.3, noise=0.0)
    tokens = scene([sample], embed_name)[0][0]
    different = len(tokens.detach().unique(dim=0))
    assert different == pytest.approx(600 * 0.8, rel=0.1)
    assert len(tokens) == pytest.approx(600 * 0.8 * 1.3, rel=0.1)
    scene.noise = 0.05
    tokens = scene([sample], embed_name)[0][0]
    assert len(tokens.detach().unique(dim=0)) == len(tokens)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='SceneGraphTextPretrainer',
            scene_graph_head=dict(
                type='LLMSceneGraphHead',
                language_model=dict(
                    type='CausalLanguageModel',
                    name_or_path='checkpoints/tabletop/tiny_llama',
                    pretrained=False,
                ),
                text_format=dict(type='DirectTextFormat', decimals=2),
            ),
            scene_description=dict(
                type='DescribedScene', embed_dims=256, drop=0.0, repeat=0.0, noise=0.0
            ),
            place_loss=dict(num_frames=2, place_weight=3.0),
        )
    )


def test_what_is_described_is_written_and_placed(model):
    """Two scenes that only their descriptions tell apart."""
    samples = []
    for names, columns in ((('cube', 'table'), (2, 9)), (('ball', 'mug'), (10, 4))):
        masks = torch.zeros(2, 2, 8, 16, dtype=torch.bool)
        for place, column in enumerate(columns):
            masks[place, :, 3 + place : 6 + place, column : column + 3] = True
        samples.append(a_sample(names, masks))
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(300):
        losses = model({}, samples, mode='loss')
        assert sorted(losses) == ['loss_place', 'loss_txt']
        optimiser.zero_grad()
        sum(losses.values()).backward()
        optimiser.step()
    assert losses['loss_txt'] < 0.1
    assert losses['loss_place'] < 0.03
    model.eval()(dict(), samples, mode='predict')
    for sample in samples:
        _, count, right = sample.text_likelihood
        # The first word as well, which only the description tells.
        assert right == count
