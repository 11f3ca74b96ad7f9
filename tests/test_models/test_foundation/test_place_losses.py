import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.models.foundation.object_places import ObjectPlaces
from mmfourdpsg.models.foundation.place_embedding import PlaceEmbedding
from mmfourdpsg.models.foundation.place_losses import PlaceLosses
from mmfourdpsg.models.scene_graph_heads import ObjectPrompts
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject
from mmfourdpsg.utils.weight_file import save_weights


@pytest.fixture
def losses(tmp_path):
    torch.manual_seed(1)
    path = tmp_path / 'places.safetensors'
    save_weights(path, PlaceEmbedding(32).state_dict(), dtype=torch.float32)
    return PlaceLosses(
        16,
        num_frames=2,
        place_weight=3.0,
        places=str(path),
        prompt_channels=32,
        prompt_weight=2.0,
    )


@pytest.fixture
def sample():
    masks = torch.zeros(2, 2, 8, 8, dtype=torch.bool)
    masks[0, :, 2:4, 4:8] = True
    masks[1, 1, 0:2, 0:2] = True  # seen in the second frame alone
    sample = SceneGraphDataSample(
        metainfo=dict(num_frames=4, frame_indices=[0, 2], fps=5.0)
    )
    objects = [SceneObject(i, name) for i, name in enumerate(('cube', 'ball'))]
    sample.gt_scene_graph = SceneGraph('v', 8, 8, 4, objects, [])
    sample.gt_masks = masks
    return sample


BOXES = torch.tensor([[0.125, 0.125, 0.25, 0.25], [0.75, 0.375, 0.5, 0.25]])


def test_prompts_are_drawn_to_the_place_in_the_first_frame_that_shows_it(
    losses, sample
):
    states = torch.randn(2, 16)
    found = losses([ObjectPrompts([1, 0], states)], [sample])['loss_prompt']
    expected = F.smooth_l1_loss(
        losses.prompt_projector(states), losses.place_embedding(BOXES)
    )
    torch.testing.assert_close(found, 2.0 * expected)


def test_places_are_compared_where_an_object_is_shown(losses, sample):
    states = torch.randn(2, 16)
    found = losses([ObjectPrompts([1, 0], states)], [sample])['loss_place']
    boxes = losses.place_head(states).view(2, 2, 4)
    # The ball in the second frame, the cube in both.
    found_boxes = torch.stack([boxes[0, 1], boxes[1, 0], boxes[1, 1]])
    expected = F.smooth_l1_loss(found_boxes, BOXES[[0, 1, 1]], beta=0.05)
    torch.testing.assert_close(found, 3.0 * expected)


def test_the_places_stay_and_the_projector_trains(losses, sample):
    states = torch.randn(2, 16, requires_grad=True)
    found = losses([ObjectPrompts([0, 1], states)], [sample])
    assert sorted(found) == ['loss_place', 'loss_prompt']
    sum(found.values()).backward()
    assert states.grad.abs().sum() > 0
    assert losses.prompt_projector.weight.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in losses.place_embedding.parameters())


def test_videos_weigh_the_same(losses, sample):
    first = ObjectPrompts([0, 1], torch.randn(2, 16))
    second = ObjectPrompts([0], torch.randn(1, 16))
    both = losses([first, second], [sample, sample])
    alone = [losses([item], [sample]) for item in (first, second)]
    for name, value in both.items():
        torch.testing.assert_close(value, (alone[0][name] + alone[1][name]) / 2)


def test_nothing_to_place_gives_zero(losses, sample):
    sample.gt_masks[:] = False
    found = losses([ObjectPrompts([0, 1], torch.randn(2, 16))], [sample])
    assert found['loss_place'] == found['loss_prompt'] == 0
    sum(found.values()).backward()


def test_a_box_is_where_the_mask_is(sample):
    places = ObjectPlaces.from_masks(sample.gt_masks)
    assert places.shown.tolist() == [[True, True], [False, True]]
    torch.testing.assert_close(places.boxes[1, 1], BOXES[0])
    assert not places.boxes[1, 0].any()
